"""A script that holds nothing to check and never ends."""
import time

data = [1.0, 2.0]
while True:
    time.sleep(1)
