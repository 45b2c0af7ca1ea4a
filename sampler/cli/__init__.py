"""The commands, one small file each: the only users of typer and rich."""
