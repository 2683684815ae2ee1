"""Local actions, one module for each kind, behind one contract."""
