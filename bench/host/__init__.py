"""Measures what the widget costs the page it is a guest on, before anybody reaches for it and when it is opened.

``python -m bench.host`` (``make bench-host``) loads a page with and without the tag in a real Chromium, in turns and
with its processor slowed down as Lighthouse does, and compares what Lighthouse's score is made of; says what the
tag asks for and moves before anybody reaches for it; and opens the panel on pages of five to six megabytes. With
``--lighthouse 5`` it asks Lighthouse itself, which it installs into a folder of its own.
"""
