"""Asks agents about their hosts: questions are kept until the agent fetches them, answers go to whoever waits."""
