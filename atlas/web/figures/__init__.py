"""Figures as inline SVG: maps in equal-area projections and charts, each with a text equivalent on its page."""
