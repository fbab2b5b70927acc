package dev.flotilla.controller.wheels.plan;

import dev.flotilla.agent.json.Json;
import dev.flotilla.agent.json.JsonObject;
import dev.flotilla.controller.wheels.Sdist;
import dev.flotilla.controller.wheels.WantedWheels;
import dev.flotilla.vocabulary.ByteSize;
import dev.flotilla.vocabulary.PlatformSlug;
import java.net.URI;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.SequencedMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * What becomes of all that branches need and mirrors have seen.
 *
 * @param wheels by platform, Python and project
 * @param remarks for people: what was passed over, what is left open
 * @param whole the platforms all of whose branches were planned for
 */
public record WheelPlan(
        Instant made, URI index, List<PlannedWheel> wheels, List<String> remarks, Set<PlatformSlug> whole) {
    private static final int WIDEST = 100;

    public WheelPlan {
        wheels = List.copyOf(wheels);
        remarks = List.copyOf(remarks);
        whole = Set.copyOf(whole);
    }

    /** Whether there is something to build. */
    public boolean isEmpty() {
        return wheels.stream().noneMatch(wheel -> wheel.decision() instanceof Decision.Build);
    }

    /** Whether something couldn't be found out. */
    public boolean isPartial() {
        return wheels.stream().anyMatch(wheel -> wheel.decision() instanceof Decision.Unknown);
    }

    /** What building takes. */
    public WantedWheels wanted() {
        return new WantedWheels(
                made,
                index,
                wheels.stream().flatMap(wheel -> wheel.toBuild().stream()).toList(),
                wheels.stream().flatMap(wheel -> wheel.kept().stream()).toList(),
                whole.stream().filter(this::isKnown).collect(Collectors.toSet()));
    }

    /** Whether nothing is open of what a platform needs. */
    private boolean isKnown(PlatformSlug platform) {
        List<PlannedWheel> ofIt = wheels.stream()
                .filter(wheel -> wheel.platform().equals(platform))
                .toList();
        return ofIt.stream().noneMatch(wheel -> wheel.decision() instanceof Decision.Unknown)
                // An index that knows nothing is the wrong one.
                && (ofIt.isEmpty()
                        || !ofIt.stream().allMatch(wheel -> wheel.decision() instanceof Decision.Impossible));
    }

    /** For people, each line of no more than 100 columns: what is to be built, what is impossible, then how many of each. */
    public List<String> text() {
        List<String> lines = new ArrayList<>();
        section(lines, "To build:", wheel -> wheel.decision() instanceof Decision.Build);
        section(lines, "Impossible:", wheel -> wheel.decision() instanceof Decision.Impossible);
        section(lines, "Couldn't be found out:", wheel -> wheel.decision() instanceof Decision.Unknown);
        for (String remark : remarks) {
            lines.add("! " + remark);
        }
        byPlatform().forEach((platform, ofIt) -> lines.add(summary(platform, ofIt)));
        return lines;
    }

    private void section(List<String> lines, String title, Predicate<PlannedWheel> part) {
        List<PlannedWheel> ofIt = wheels.stream().filter(part).toList();
        if (ofIt.isEmpty()) {
            return;
        }
        lines.add(title);
        String heading = "";
        for (PlannedWheel wheel : ofIt) {
            String place = "  " + wheel.platform() + ", Python " + wheel.interpreter();
            if (!place.equals(heading)) {
                lines.add(place);
                heading = place;
            }
            String name = wheel.project() + " " + wheel.version();
            String size = wheel.decision() instanceof Decision.Build(Sdist sdist, String ignored)
                    ? sdist.size().map(bytes -> new ByteSize(bytes).toString()).orElse("?")
                    : "";
            String branches = wheel.branches().isEmpty() ? "" : " (" + String.join(", ", wheel.branches()) + ")";
            lines.add(cut("    %-34s %9s  %s".formatted(name, size, wheel.reason() + branches)));
        }
        lines.add("");
    }

    private static String cut(String line) {
        return line.length() <= WIDEST ? line : line.substring(0, WIDEST - 1) + "…";
    }

    private SequencedMap<PlatformSlug, List<PlannedWheel>> byPlatform() {
        SequencedMap<PlatformSlug, List<PlannedWheel>> parts = new TreeMap<>();
        wheels.forEach(wheel -> parts.computeIfAbsent(wheel.platform(), ignored -> new ArrayList<>())
                .add(wheel));
        return parts;
    }

    private static String summary(PlatformSlug platform, List<PlannedWheel> wheels) {
        long bytes = wheels.stream()
                .flatMap(wheel -> wheel.toBuild().stream())
                .mapToLong(wanted -> wanted.sdist().size().orElse(0L))
                .sum();
        long unknown = count(wheels, "unknown");
        return platform + ": " + wheels.size() + " needed, " + count(wheels, "upstream") + " upstream, "
                + count(wheels, "have") + " built, " + count(wheels, "build") + " to build (" + new ByteSize(bytes)
                + " of sdists), " + count(wheels, "impossible") + " impossible"
                + (unknown == 0 ? "" : ", " + unknown + " not known");
    }

    private static long count(List<PlannedWheel> wheels, String state) {
        return wheels.stream().filter(wheel -> wheel.state().equals(state)).count();
    }

    /** The same for programs: a wheel each, the remarks, then a summary of each platform. */
    public List<JsonObject> events() {
        List<JsonObject> events = new ArrayList<>();
        wheels.forEach(wheel -> events.add(wheel.json()));
        remarks.forEach(
                remark -> events.add(JsonObject.EMPTY.with("event", "remark").with("text", remark)));
        byPlatform().forEach((platform, ofIt) -> {
            JsonObject summary = JsonObject.EMPTY
                    .with("event", "summary")
                    .with("platform", platform.toString())
                    .with("needed", (long) ofIt.size());
            for (String state : List.of("upstream", "have", "build", "impossible", "unknown")) {
                summary = summary.with(state, new Json.Whole(count(ofIt, state)));
            }
            events.add(summary);
        });
        return events;
    }
}
