"""What a run is made of: editions (sizes of the nets), schedules, recipes (every shipped stage), and the machine."""
