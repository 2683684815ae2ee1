"""Work that is done besides carrying files: what it promises, how it is undone."""
