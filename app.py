"""Build the pages of CALM Studio and serve them: `python app.py`."""

from ui.__main__ import main

if __name__ == "__main__":
    main()
