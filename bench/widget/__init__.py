"""Measures what a long answer costs the page it is shown on: the main thread's work while it comes.

``python -m bench.widget`` (``make bench-widget``) streams an answer of 30,000 characters of text, code and a table
of 60 rows, 4 characters at a time, into the panel in a real Chromium, and says for each third of it how long the
main thread worked and how long its longest task was. With ``--bare`` a script of a few lines adds the same answer to
a page as plain blocks: what that costs more from third to third is the browser's own.
"""
