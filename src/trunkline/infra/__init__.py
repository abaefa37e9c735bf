"""What every program needs and no tool knows of: settings, data directory, key file, database, log, clock."""
