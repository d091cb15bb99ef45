"""What asks and shows questions, wherever a page does so: form, worker, cards, links, ballots."""
