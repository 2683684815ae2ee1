"""Runs actions on files whose upload is verified: what is due, one after the other, over crashes."""
