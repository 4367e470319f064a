"""Many examples at once: numbers with one more axis in front than the function sees, and what rows make of them."""
