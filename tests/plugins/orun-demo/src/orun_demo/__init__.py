"""A third-party plugin of orun that implements every hook."""
