"""`scipy.signal`: filters, their designs and responses, spectra, waves and windows."""
