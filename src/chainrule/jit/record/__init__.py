"""A function run once on numbers that note what is done to them: from its arguments to a Program and its results."""
