"""A command's parts put together: data, model, penalties, attacks."""
