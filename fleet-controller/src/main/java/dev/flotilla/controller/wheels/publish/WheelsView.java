package dev.flotilla.controller.wheels.publish;

import dev.flotilla.agent.json.Json;
import dev.flotilla.agent.json.JsonObject;
import dev.flotilla.agent.report.NodeReport;
import dev.flotilla.controller.fleet.NodeId;
import dev.flotilla.controller.fleet.WheelsSettings;
import dev.flotilla.controller.publish.WheelIndexPublisher.Signed;
import dev.flotilla.controller.wheels.FailedBuild;
import dev.flotilla.controller.wheels.PlatformIndex;
import dev.flotilla.controller.wheels.PublishedWheel;
import dev.flotilla.controller.wheels.WantedWheel;
import dev.flotilla.controller.wheels.WantedWheels;
import dev.flotilla.controller.wheels.WheelDocuments;
import dev.flotilla.vocabulary.PlatformSlug;
import dev.flotilla.vocabulary.Sha256;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * How the fleet's wheels are: what is signed, how old it is, what failed, and which node has it. Pure.
 *
 * @param signed absent where nothing was ever signed
 * @param plan what is needed; absent where nobody says it
 */
public record WheelsView(
        WheelsSettings settings,
        Optional<Signed> signed,
        Map<NodeId, Optional<NodeReport>> nodes,
        Optional<WantedWheels> plan,
        Instant now) {
    /**
     * How much of what is needed is there.
     *
     * @param needed sdists, each once for each Python that needs it built
     * @param published of these
     */
    private record Coverage(long needed, long published) {
        String text() {
            return published + " of " + needed + " that the plan needs are published"
                    + (needed == 0 ? "" : " (" + 100 * published / needed + " %)");
        }

        JsonObject json() {
            return JsonObject.EMPTY.with("needed", needed).with("published", published);
        }
    }

    /**
     * One platform.
     *
     * @param damaged why its index can't be read, where that is so
     * @param oldest when the source could be built last that wasn't built for the longest time
     * @param due how many have to be built anew ({@code wheels.rebuild-after})
     * @param unused how many nobody needs
     * @param coverage absent without a plan
     */
    private record Platform(
            PlatformSlug slug,
            Optional<PlatformIndex> index,
            Optional<String> damaged,
            Optional<Instant> oldest,
            long due,
            long unused,
            Optional<Coverage> coverage,
            Map<NodeId, String> nodes) {}

    private List<Platform> platforms(Optional<PlatformSlug> only) {
        var slugs = new TreeSet<>(settings.platforms().keySet());
        signed.ifPresent(known -> slugs.addAll(known.indexes().readable().keySet()));
        signed.ifPresent(known -> slugs.addAll(known.indexes().damaged().keySet()));
        return slugs.stream()
                .filter(slug -> only.isEmpty() || only.get().equals(slug))
                .map(this::platform)
                .toList();
    }

    private Platform platform(PlatformSlug slug) {
        Optional<byte[]> document = signed.flatMap(
                known -> Optional.ofNullable(known.indexes().readable().get(slug)));
        Optional<PlatformIndex> index = document.map(PlatformIndex::parse);
        Collection<PublishedWheel> wheels =
                index.map(known -> known.wheels().values()).orElse(List.of());
        SequencedMap<NodeId, String> where = new LinkedHashMap<>();
        nodes.forEach((node, report) -> where.put(node, state(report, slug, document.map(Sha256::of))));
        return new Platform(
                slug,
                index,
                signed.flatMap(
                        known -> Optional.ofNullable(known.indexes().damaged().get(slug))),
                wheels.stream().map(PublishedWheel::lastBuilt).min(Instant::compareTo),
                wheels.stream()
                        .filter(wheel -> !now.isBefore(wheel.lastBuilt().plus(settings.rebuildAfter())))
                        .count(),
                wheels.stream().filter(wheel -> wheel.unusedSince().isPresent()).count(),
                plan.map(known -> coverage(known, slug, wheels)),
                where);
    }

    private static Coverage coverage(WantedWheels plan, PlatformSlug slug, Collection<PublishedWheel> wheels) {
        List<WantedWheel> needed = Stream.concat(plan.wheels().stream(), plan.kept().stream())
                .filter(wanted -> wanted.platform().equals(slug))
                .toList();
        return new Coverage(
                needed.size(),
                needed.stream()
                        .filter(wanted -> wheels.stream().anyMatch(wheel -> wheel.meets(wanted)))
                        .count());
    }

    private static String state(Optional<NodeReport> report, PlatformSlug slug, Optional<Sha256> digest) {
        if (report.isEmpty()) {
            return "silent";
        }
        Optional<NodeReport.Wheels> wheels = report.get().wheels();
        Optional<Sha256> there =
                wheels.flatMap(known -> Optional.ofNullable(known.indexes().get(slug)));
        if (there.equals(digest)) {
            return "current";
        }
        String has = there.isPresent() ? "another index" : "none";
        return wheels.flatMap(NodeReport.Wheels::problem)
                .map(why -> has + ": " + why)
                .orElse(has);
    }

    /** For people. */
    public List<String> lines(Optional<PlatformSlug> only) {
        List<String> lines = new ArrayList<>();
        for (Platform platform : platforms(only)) {
            lines.add(platform.slug()
                    + (settings.platforms().containsKey(platform.slug()) ? "" : " (fleet.conf no longer has it)"));
            if (platform.index().isEmpty()) {
                lines.add("  " + platform.damaged().orElse("nothing is published"));
            }
            platform.index().ifPresent(index -> lines.addAll(described(platform, index)));
            platform.coverage().ifPresent(coverage -> lines.add("  " + coverage.text()));
            platform.nodes().forEach((node, state) -> lines.add("  " + node + ": " + state));
        }
        lines.add(signed.map(known -> "What is signed (version " + known.version() + ") holds until " + known.expires()
                        + (now.isBefore(known.expires())
                                ? "."
                                : ": it has ended, and no node takes up anything new. Run flotilla publish --renew"))
                .orElse("Nothing is signed yet."));
        return lines;
    }

    private List<String> described(Platform platform, PlatformIndex index) {
        List<String> lines = new ArrayList<>();
        int wheels = index.wheels().size();
        lines.add("  " + wheels + " wheels of "
                + index.wheels().values().stream()
                        .map(PublishedWheel::project)
                        .distinct()
                        .count()
                + " projects, " + index.failed().size() + " builds failed"
                + platform.oldest()
                        .map(time -> ", the oldest was built "
                                + Duration.between(time, now).toDays() + " days ago")
                        .orElse("")
                + (platform.due() > 0 ? ", " + platform.due() + " are due to be built anew" : "")
                + (platform.unused() > 0 ? ", " + platform.unused() + " are needed by nobody" : "")
                + "; changed " + index.made());
        for (FailedBuild failed : index.failed()) {
            boolean hidden = index.wheels().values().stream().anyMatch(wheel -> wheel.meets(failed.wanted()));
            lines.add("  failed " + failed.ended() + ": "
                    + failed.wanted().sdist().filename() + " for "
                    + failed.wanted().interpreter() + ": " + failed.reason()
                    + (hidden ? " (a wheel from before is served)" : ""));
        }
        return lines;
    }

    /** The same for programs. */
    public JsonObject json(Optional<PlatformSlug> only) {
        SequencedMap<String, Json> members = new LinkedHashMap<>();
        platforms(only).forEach(platform -> members.put(platform.slug().toString(), json(platform)));
        return JsonObject.EMPTY
                .with("version", signed.map(Signed::version), Json.Whole::new)
                .with("expires", signed.map(Signed::expires), time -> new Json.Text(time.toString()))
                .with("platforms", new JsonObject(members));
    }

    private static JsonObject json(Platform platform) {
        JsonObject nodes = JsonObject.EMPTY;
        for (Map.Entry<NodeId, String> node : platform.nodes().entrySet()) {
            nodes = nodes.with(node.getKey().toString(), node.getValue());
        }
        List<FailedBuild> failed = platform.index().map(PlatformIndex::failed).orElse(List.of());
        return JsonObject.EMPTY
                .with(
                        "wheels",
                        platform.index().map(index -> index.wheels().size()).orElse(0))
                .with("made", platform.index().map(PlatformIndex::made), time -> new Json.Text(time.toString()))
                .with("damaged", platform.damaged(), Json.Text::new)
                .with("oldest", platform.oldest(), time -> new Json.Text(time.toString()))
                .with("due", platform.due())
                .with("unused", platform.unused())
                .with("coverage", platform.coverage(), Coverage::json)
                .with(
                        "failed",
                        new Json.Sequence(
                                failed.stream().<Json>map(WheelDocuments::json).toList()))
                .with("nodes", nodes);
    }

    /** Whether every node has what is signed, and nothing failed. */
    public boolean isWell(Optional<PlatformSlug> only) {
        return signed.filter(known -> now.isBefore(known.expires())).isPresent()
                && platforms(only).stream()
                        .allMatch(platform -> platform.damaged().isEmpty()
                                && platform.index()
                                        .map(PlatformIndex::failed)
                                        .orElse(List.of())
                                        .isEmpty()
                                && platform.nodes().values().stream().allMatch("current"::equals));
    }
}
