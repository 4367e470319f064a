"""Who judges which kind of claim, and at what points: layers, losses, nets, objects that have to be made."""
