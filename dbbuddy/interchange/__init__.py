"""The objects that machines exchange with DB-Buddy: the same on the command line, in the HTTP interface and for IDEs."""
