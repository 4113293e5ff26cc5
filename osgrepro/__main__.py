"""``python -m osgrepro`` is the ``osgrepro`` command."""

from osgrepro.cli import main

if __name__ == "__main__":
    main()
