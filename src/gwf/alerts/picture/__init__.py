"""What an alert looks like to those who have to find its cause: its signal, its scope and its evidence."""
