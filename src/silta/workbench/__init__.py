"""Synthetic life stories: the demonstration region and the bench. Nothing here touches real data."""
