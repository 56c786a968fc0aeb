"""The parts of the page, one module each: `section` returns its HTML, nothing if there is nothing to show."""
