package dev.flotilla.controller.wheels.plan;

import dev.flotilla.controller.fleet.WheelPlatform;
import dev.flotilla.controller.fleet.WheelsSettings;
import dev.flotilla.controller.wheels.index.IndexPage;
import dev.flotilla.controller.wheels.index.SimpleIndex;
import dev.flotilla.controller.wheels.plan.Resolution.Choice;
import dev.flotilla.controller.wheels.plan.Resolution.Resolved;
import dev.flotilla.controller.wheels.requirement.Version;
import dev.flotilla.vocabulary.Interpreter;
import dev.flotilla.vocabulary.PlatformSlug;
import dev.flotilla.vocabulary.ProjectName;
import java.net.URI;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/** Plans which wheels are to be built. Asks an index for pages and metadata, and runs nothing of any project. */
public final class WheelPlanner implements AutoCloseable {
    private final WheelsSettings settings;
    private final Indexes indexes;
    private final InstantSource clock;
    private final Consumer<String> progress;

    /**
     * Plans by an index.
     *
     * @param index of a mirror of the fleet, beside which what was built is found below {@code ../wheel/}; of another index nothing is
     * @param privateNames for which no index is asked
     * @param progress what is looked at now, in a line
     */
    public WheelPlanner(
            WheelsSettings settings,
            URI index,
            SimpleIndex.Limits limits,
            Predicate<ProjectName> privateNames,
            InstantSource clock,
            Consumer<String> progress) {
        this.settings = settings;
        this.indexes = new Indexes(index, limits, privateNames);
        this.clock = clock;
        this.progress = progress;
    }

    /** What is planned for. */
    public record Scope(Set<PlatformSlug> platforms, Set<String> branches) {
        public Scope {
            platforms = Set.copyOf(platforms);
            branches = Set.copyOf(branches);
        }
    }

    /** What came of it. */
    public sealed interface Outcome {
        record Planned(WheelPlan plan) implements Outcome {}

        /** The files of branches are wrong; each problem with file and line. */
        record Refused(List<String> problems) implements Outcome {}
    }

    /** One of each is planned once. */
    private record Key(PlatformSlug platform, Interpreter interpreter, ProjectName project, String version)
            implements Comparable<Key> {
        private static final Comparator<Key> ORDER = Comparator.comparing(Key::platform)
                .thenComparingInt(key -> key.interpreter().minor())
                .thenComparing(key -> key.interpreter().freeThreaded())
                .thenComparing(Key::project)
                .thenComparing(Key::version);

        @Override
        public int compareTo(Key other) {
            return ORDER.compare(this, other);
        }
    }

    /**
     * Plans for that scope.
     *
     * @param seen what mirrors say was downloaded; absent where nobody asked them
     */
    public Outcome plan(Scope scope, Optional<List<SeenSdist>> seen) throws InterruptedException {
        List<Branch> branches = settings.branches().entrySet().stream()
                .filter(entry -> scope.branches().contains(entry.getKey()))
                .sorted(Map.Entry.comparingByKey())
                .map(entry -> BranchFiles.read(entry.getKey(), entry.getValue()))
                .toList();
        List<String> problems =
                branches.stream().flatMap(branch -> branch.problems().stream()).toList();
        if (!problems.isEmpty()) {
            return new Outcome.Refused(problems);
        }
        Set<String> remarks = new LinkedHashSet<>();
        branches.forEach(branch -> remarks.addAll(branch.remarks()));
        SortedMap<Key, PlannedWheel> planned = new TreeMap<>();
        Instant now = clock.instant();
        Set<PlatformSlug> open = new HashSet<>();
        for (WheelPlatform platform : settings.platforms().values()) {
            if (!scope.platforms().contains(platform.slug())) {
                continue;
            }
            for (Interpreter interpreter : platform.pythons()) {
                var target = new Target(platform, interpreter);
                for (Branch branch : branches) {
                    if (platform.branches().isEmpty() || platform.branches().contains(branch.name())) {
                        Resolved resolved = new Resolution(indexes, branch, target, progress).resolve();
                        remarks.addAll(resolved.remarks());
                        if (!resolved.remarks().isEmpty()) {
                            open.add(platform.slug());
                        }
                        add(planned, branch, target, resolved, now);
                    }
                }
                addSeen(planned, target, seen.orElse(List.of()), now, remarks);
            }
        }
        seen.ifPresent(all -> unknownPlatforms(all).ifPresent(remarks::add));
        return new Outcome.Planned(new WheelPlan(
                now, indexes.base(), List.copyOf(planned.values()), List.copyOf(remarks), whole(scope, open)));
    }

    /** What a version needs that was left open may be anything that is there. */
    private Set<PlatformSlug> whole(Scope scope, Set<PlatformSlug> open) {
        return scope.branches().containsAll(settings.branches().keySet())
                ? scope.platforms().stream()
                        .filter(platform -> !open.contains(platform))
                        .collect(Collectors.toSet())
                : Set.of();
    }

    private void add(SortedMap<Key, PlannedWheel> planned, Branch branch, Target target, Resolved resolved, Instant now)
            throws InterruptedException {
        Indexes.ahead(resolved.choices().entrySet(), entry -> {
            if (entry.getValue() instanceof Choice.Chosen) {
                indexes.built(target.platform().slug(), entry.getKey());
            }
        });
        for (Map.Entry<ProjectName, Choice> entry : resolved.choices().entrySet()) {
            ProjectName project = entry.getKey();
            String version = entry.getValue() instanceof Choice.Chosen(Version chosen) ? chosen.toString() : "";
            Decision decision = switch (entry.getValue()) {
                case Choice.Chosen(Version chosen) -> decision(project, chosen, target, now);
                case Choice.None(String reason) -> new Decision.Impossible(reason);
                case Choice.Unknown(String reason) -> new Decision.Unknown(reason);
            };
            put(planned, target, project, version, List.of(branch.name()), OptionalLong.empty(), decision);
        }
    }

    private static void put(
            SortedMap<Key, PlannedWheel> planned,
            Target target,
            ProjectName project,
            String version,
            List<String> branches,
            OptionalLong downloads,
            Decision decision) {
        PlatformSlug slug = target.platform().slug();
        planned.merge(
                new Key(slug, target.interpreter(), project, version),
                new PlannedWheel(slug, target.interpreter(), project, version, branches, downloads, decision),
                (one, other) -> one.and(other.branches(), other.downloads()));
    }

    private Decision decision(ProjectName project, Version version, Target target, Instant now)
            throws InterruptedException {
        return switch (indexes.page(project)) {
            case SimpleIndex.Page.Found(IndexPage page) -> decision(page, version, target, now);
            case SimpleIndex.Page.Absent ignored -> new Decision.Impossible("upstream has no such project");
            case SimpleIndex.Page.Unknown(String reason) -> new Decision.Unknown(reason);
        };
    }

    private Decision decision(IndexPage page, Version version, Target target, Instant now) throws InterruptedException {
        var deciding = new Deciding(now, settings.rebuildAfter());
        SimpleIndex.Page built = indexes.built(target.platform().slug(), page.project());
        Optional<IndexPage> ours =
                built instanceof SimpleIndex.Page.Found(IndexPage own) ? Optional.of(own) : Optional.empty();
        Decision decision = deciding.decide(
                page, ours, version, target.interpreter(), target.platform().machine());
        // What may be there already isn't built once more.
        return decision instanceof Decision.Build && built instanceof SimpleIndex.Page.Unknown(String reason)
                ? new Decision.Unknown("whether it is built: " + reason)
                : decision;
    }

    /** What mirrors have seen on that target. Their word is only a hint: which project a file belongs to its page has to say. */
    private void addSeen(
            SortedMap<Key, PlannedWheel> planned, Target target, List<SeenSdist> seen, Instant now, Set<String> remarks)
            throws InterruptedException {
        List<SeenSdist> ofTarget = seen.stream()
                .filter(one -> one.platform().equals(target.platform().slug())
                        && one.interpreter().equals(target.interpreter()))
                .toList();
        for (SeenSdist one : ofTarget) {
            boolean found = false;
            for (ProjectName project : projects(one.filename())) {
                if (!found && indexes.page(project) instanceof SimpleIndex.Page.Found(IndexPage page)) {
                    Optional<Version> version = page.files().stream()
                            .filter(file -> file.filename().equals(one.filename()))
                            .map(file -> file.version())
                            .findFirst();
                    if (version.isPresent()) {
                        found = true;
                        put(
                                planned,
                                target,
                                project,
                                version.get().toString(),
                                List.of(),
                                OptionalLong.of(one.downloads()),
                                decision(project, version.get(), target, now));
                    }
                }
            }
            if (!found) {
                remarks.add("mirrors have seen " + one.filename() + ", which no project's page has now");
            }
        }
    }

    /** To which projects a file of this name may belong: what stands before a dash that a digit follows. */
    private List<ProjectName> projects(String filename) {
        List<ProjectName> projects = new ArrayList<>();
        for (int dash = filename.lastIndexOf('-'); dash > 0; dash = filename.lastIndexOf('-', dash - 1)) {
            String name = filename.substring(0, dash);
            boolean version = dash + 1 < filename.length() && Character.isDigit(filename.charAt(dash + 1));
            if (version && ProjectName.isValid(name) && !indexes.isPrivate(ProjectName.of(name))) {
                projects.add(ProjectName.of(name));
            }
        }
        return projects;
    }

    private Optional<String> unknownPlatforms(List<SeenSdist> seen) {
        List<String> others = seen.stream()
                .map(SeenSdist::platform)
                .filter(slug -> !settings.platforms().containsKey(slug))
                .distinct()
                .sorted()
                .map(String::valueOf)
                .toList();
        return others.isEmpty()
                ? Optional.empty()
                : Optional.of("mirrors have seen sdists go to platforms that nobody builds for: "
                        + String.join(", ", others));
    }

    @Override
    public void close() {
        indexes.close();
    }
}
