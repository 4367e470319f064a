"""All backward passes of the corpus. They draw from one generator, in the order of these lines."""

from check.cases.backward_dense import LAYERS as DENSE
from check.cases.backward_images import LAYERS as IMAGES
from check.cases.backward_sequences import LAYERS as SEQUENCES

LAYERS = [*DENSE, *IMAGES, *SEQUENCES]
