"""What a user follows in the archive: the page, the feed, the calendar, the digest."""
