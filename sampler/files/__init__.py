"""Reading and writing files: the only modules of the package that open one."""
