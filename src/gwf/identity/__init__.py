"""Tenants, people, programs and agents: who asks, and what each may do."""
