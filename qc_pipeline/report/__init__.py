"""Numbers in, a folder of files out that opens from disk."""
