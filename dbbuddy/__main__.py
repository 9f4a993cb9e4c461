"""`python -m dbbuddy <command>`."""

import sys

from dbbuddy.cli import main

sys.exit(main())
