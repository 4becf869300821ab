"""What docs/RESULTS.md says of docs/ladders.json."""

from typing import Any

from training.evaluate.tables import table


def ladders_section(found: dict[str, Any]) -> str:
    rows = [
        [
            f"`{name}`" if name[0].isalpha() else name,
            " ".join(f"{step['size']}@{step['sigma']:g}" for step in row["steps"]),
            str(row["tokens"]),
            f"{row['distance']:.3f}",
            f"{row['inceptionKid']:.2f}",
        ]
        for name, row in sorted(found["schedules"].items(), key=lambda item: item[1]["tokens"])
    ]
    gain, low, high, hindsight = (found["byPrompt"][key] for key in ("gain", "low", "high", "hindsight"))
    pays = "It pays" if low > 0 else "It does not pay"
    masked = " and ".join(f"{sigma:.2f} at {size} cells" for size, sigma in found["masked"].items())
    return f"""## Ladders for every budget

{table(["schedule", "steps, size@sigma", "tokens", "feature distance", "Inception KID"], rows)}

{found["model"]}, {found["things"]} everyday things, {found["seeds"]} seeds each, by
`python -m training.evaluate.ladders` ([ladders.json](ladders.json)); the distance is that of the section above, its
mean over pictures. The Inception KID is that of {found["prompts"]} held-out prompts; a budget chooses by it, for it
sees the defects that a single thing's distance does not. A rule makes the rows with a number: noise levels evenly
apart, moved towards noise by 3, each at the smallest size that may stand for the full one there: nothing is missing
above sigma {masked}, and the rule asks for
twice that. The student learned the named schedules; the others it draws untaught.

Does a prompt need its own schedule? Each thing had the one that was nearest on half of its seeds, and the other half
was measured: {gain:+.3f} nearer (95% interval over things {low:+.3f} to {high:+.3f}) than with the one that was nearest
on all things. {pays}. Chosen by the seeds that are measured, it would look like {hindsight:+.3f}.

"""
