package dev.flotilla.controller.wheels.plan;

import dev.flotilla.agent.json.Json;
import dev.flotilla.agent.json.JsonObject;
import dev.flotilla.controller.wheels.Sdist;
import dev.flotilla.controller.wheels.WantedWheel;
import dev.flotilla.controller.wheels.WheelDocuments;
import dev.flotilla.vocabulary.Interpreter;
import dev.flotilla.vocabulary.PlatformSlug;
import dev.flotilla.vocabulary.ProjectName;
import java.util.Collection;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeSet;

/**
 * A version that somebody needs for one Python on one platform, and what becomes of it.
 *
 * @param version as it is written in normal form; empty where none could be chosen
 * @param branches that need it, in order; none where only mirrors have seen it
 * @param downloads of its sdist that mirrors have seen for that Python there; absent where they weren't asked
 */
public record PlannedWheel(
        PlatformSlug platform,
        Interpreter interpreter,
        ProjectName project,
        String version,
        List<String> branches,
        OptionalLong downloads,
        Decision decision) {
    public PlannedWheel {
        branches = List.copyOf(branches);
    }

    PlannedWheel and(Collection<String> others, OptionalLong seen) {
        var all = new TreeSet<>(branches);
        all.addAll(others);
        OptionalLong sum = downloads.isEmpty() ? seen : OptionalLong.of(downloads.getAsLong() + seen.orElse(0));
        return new PlannedWheel(platform, interpreter, project, version, List.copyOf(all), sum, decision);
    }

    /** It as something to build; empty where it isn't. */
    Optional<WantedWheel> toBuild() {
        return decision instanceof Decision.Build(Sdist sdist, String why)
                ? Optional.of(new WantedWheel(platform, interpreter, sdist, why(why), branches))
                : Optional.empty();
    }

    /** It as something that is built and needed; empty where it isn't. */
    Optional<WantedWheel> kept() {
        return decision instanceof Decision.Have have
                ? Optional.of(new WantedWheel(platform, interpreter, have.sdist(), "is built", branches))
                : Optional.empty();
    }

    private String why(String reason) {
        return downloads.isPresent() ? reason + "; " + downloads.getAsLong() + " downloads of its sdist seen" : reason;
    }

    /** One word for what becomes of it. */
    String state() {
        return switch (decision) {
            case Decision.Upstream ignored -> "upstream";
            case Decision.Have ignored -> "have";
            case Decision.Build ignored -> "build";
            case Decision.Impossible ignored -> "impossible";
            case Decision.Unknown ignored -> "unknown";
        };
    }

    /** Why, in a line. */
    String reason() {
        return switch (decision) {
            case Decision.Upstream(String filename) -> filename;
            case Decision.Have have -> have.filename();
            case Decision.Build(Sdist ignored, String why) -> why(why);
            case Decision.Impossible(String reason) -> reason;
            case Decision.Unknown(String reason) -> reason;
        };
    }

    JsonObject json() {
        JsonObject line = JsonObject.EMPTY
                .with("event", "wheel")
                .with("platform", platform.toString())
                .with("python", interpreter.toString())
                .with("project", project.normal())
                .with("version", version)
                .with("state", state())
                .with("reason", reason())
                .with(
                        "branches",
                        new Json.Sequence(
                                branches.stream().<Json>map(Json.Text::new).toList()));
        if (downloads.isPresent()) {
            line = line.with("downloads", downloads.getAsLong());
        }
        return decision instanceof Decision.Build(Sdist sdist, String ignored)
                ? line.with("sdist", WheelDocuments.json(sdist))
                : line;
    }
}
