"""``python -m asklight``."""

from asklight.cli import main

raise SystemExit(main())
