"""Makes `python -m gwf` the same as `gwf`."""

from gwf.cli.main import main

if __name__ == "__main__":
    main()
