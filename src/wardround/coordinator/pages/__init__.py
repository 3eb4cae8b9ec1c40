"""What a person sees of the coordinator: members, studies, runs, and one run live."""
