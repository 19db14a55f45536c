"""The machine underneath: files, worker processes, what ships with the program."""
