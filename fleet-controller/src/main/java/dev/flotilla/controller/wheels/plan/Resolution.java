package dev.flotilla.controller.wheels.plan;

import dev.flotilla.controller.wheels.index.CoreMetadata;
import dev.flotilla.controller.wheels.index.IndexFile;
import dev.flotilla.controller.wheels.index.IndexPage;
import dev.flotilla.controller.wheels.index.SimpleIndex;
import dev.flotilla.controller.wheels.requirement.Marker;
import dev.flotilla.controller.wheels.requirement.Requirement;
import dev.flotilla.controller.wheels.requirement.Version;
import dev.flotilla.controller.wheels.requirement.VersionSpecifiers;
import dev.flotilla.vocabulary.ProjectName;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * In which versions a branch's jobs install what, on one target. What is pinned is that version; of the rest, and of what they depend on, the newest that all
 * who ask for it allow. Asked and chosen in rounds until nothing changes; there is no way back to an older version whose requirements would do, which
 * branches with constraints don't need.
 */
final class Resolution {
    private static final int MOST_ROUNDS = 40;
    private static final int MOST_PROJECTS = 20_000;

    private final Indexes indexes;
    private final Branch branch;
    private final Target target;
    private final Consumer<String> progress;
    private final Map<ProjectName, VersionSpecifiers> constraints = new LinkedHashMap<>();
    private final SortedSet<String> remarks = new TreeSet<>();

    Resolution(Indexes indexes, Branch branch, Target target, Consumer<String> progress) {
        this.indexes = indexes;
        this.branch = branch;
        this.target = target;
        this.progress = progress;
        for (Requirement constraint : branch.constraints()) {
            if (constraint.applies(target.environment()) != Marker.Verdict.NO) {
                constraints.merge(constraint.project(), constraint.specifiers(), VersionSpecifiers::and);
            }
        }
    }

    /** What a project came to. */
    sealed interface Choice {
        record Chosen(Version version) implements Choice {}

        record None(String reason) implements Choice {}

        record Unknown(String reason) implements Choice {}
    }

    /**
     * What is installed.
     *
     * @param remarks what was left open
     */
    record Resolved(Map<ProjectName, Choice> choices, List<String> remarks) {}

    /** What is asked of a project. */
    private static final class Demand {
        private VersionSpecifiers versions = VersionSpecifiers.ANY;
        private final SortedSet<String> extras = new TreeSet<>();
        private final SortedSet<String> by = new TreeSet<>();

        boolean isLike(Demand other) {
            return versions.equals(other.versions) && extras.equals(other.extras);
        }
    }

    Resolved resolve() throws InterruptedException {
        Map<ProjectName, Demand> demands = demands(Map.of(), Map.of());
        Map<ProjectName, Choice> choices = Map.of();
        for (int round = 1; round <= MOST_ROUNDS; round++) {
            remarks.clear();
            progress.accept(branch.name() + " on " + target + ": " + demands.size() + " projects");
            Indexes.ahead(demands.keySet(), indexes::page);
            Map<ProjectName, Choice> chosen = new TreeMap<>();
            for (Map.Entry<ProjectName, Demand> demand : demands.entrySet()) {
                chosen.put(demand.getKey(), choice(demand.getKey(), demand.getValue()));
            }
            choices = chosen;
            Indexes.ahead(chosen.entrySet(), entry -> {
                if (entry.getValue() instanceof Choice.Chosen(Version version)) {
                    indexes.metadata(entry.getKey(), version, target);
                }
            });
            Map<ProjectName, Demand> next = demands(chosen, demands);
            if (isLike(next, demands)) {
                return new Resolved(choices, List.copyOf(remarks));
            }
            demands = next;
            if (demands.size() > MOST_PROJECTS) {
                break;
            }
        }
        remarks.add(branch.name() + " on " + target
                + ": what requires what couldn't be settled; pin more in its constraints");
        return new Resolved(choices, List.copyOf(remarks));
    }

    private static boolean isLike(Map<ProjectName, Demand> one, Map<ProjectName, Demand> other) {
        return one.keySet().equals(other.keySet())
                && one.entrySet().stream().allMatch(entry -> {
                    Demand demand = other.get(entry.getKey());
                    return demand != null && entry.getValue().isLike(demand);
                });
    }

    /** What the branch asks for, and what the chosen versions do, each with the extras that were asked of it. */
    private Map<ProjectName, Demand> demands(Map<ProjectName, Choice> chosen, Map<ProjectName, Demand> before)
            throws InterruptedException {
        Map<ProjectName, Demand> demands = new TreeMap<>();
        branch.wanted().forEach(requirement -> demand(demands, requirement, Set.of(), branch.name()));
        for (Map.Entry<ProjectName, Choice> entry : chosen.entrySet()) {
            Demand of = before.get(entry.getKey());
            if (of != null && entry.getValue() instanceof Choice.Chosen(Version version)) {
                Optional<CoreMetadata> metadata = indexes.metadata(entry.getKey(), version, target);
                if (metadata.isEmpty()) {
                    remarks.add(entry.getKey() + " " + version + ": what it requires is unknown until it is built");
                }
                metadata.ifPresent(known -> known.requirements()
                        .forEach(requirement ->
                                demand(demands, requirement, of.extras, entry.getKey() + " " + version)));
            }
        }
        return demands;
    }

    private void demand(Map<ProjectName, Demand> demands, Requirement requirement, Set<String> extras, String who) {
        boolean plain = requirement.applies(target.environment()) != Marker.Verdict.NO;
        boolean extra =
                !extras.isEmpty() && requirement.applies(target.environment().withExtras(extras)) != Marker.Verdict.NO;
        if (!plain && !extra) {
            return;
        }
        if (requirement.url().isPresent()) {
            remarks.add(who + " requires " + requirement + ", which comes from no index and is passed over");
            return;
        }
        Demand demand = demands.computeIfAbsent(requirement.project(), project -> {
            var fresh = new Demand();
            fresh.versions = constraints.getOrDefault(project, VersionSpecifiers.ANY);
            return fresh;
        });
        demand.versions = demand.versions.and(requirement.specifiers());
        demand.extras.addAll(requirement.extras());
        demand.by.add(who);
    }

    private Choice choice(ProjectName project, Demand demand) throws InterruptedException {
        if (indexes.isPrivate(project)) {
            return new Choice.None("the name is private: nobody is asked for it");
        }
        return switch (indexes.page(project)) {
            case SimpleIndex.Page.Unknown(String reason) -> new Choice.Unknown(reason);
            case SimpleIndex.Page.Absent ignored -> new Choice.None("upstream has no such project");
            case SimpleIndex.Page.Found(IndexPage page) -> newest(page, demand);
        };
    }

    private Choice newest(IndexPage page, Demand demand) {
        VersionSpecifiers versions = demand.versions;
        Optional<String> pin = versions.pin();
        List<Version> allowed = page.files().stream()
                .filter(file -> pin.isPresent() || isOffered(file))
                .map(IndexFile::version)
                .filter(version -> versions.contains(
                        version,
                        pin.filter(text -> Version.parse(text)
                                        .filter(version::equals)
                                        .isPresent())
                                .orElse(version.toString())))
                .distinct()
                .toList();
        List<Version> released = new ArrayList<>(allowed);
        if (pin.isEmpty() && !versions.namesPrerelease()) {
            released.removeIf(Version::isPrerelease);
        }
        return (released.isEmpty() ? allowed : released)
                .stream()
                        .max(Comparator.naturalOrder())
                        .<Choice>map(Choice.Chosen::new)
                        .orElseGet(() -> new Choice.None(
                                "no version of upstream's is " + versions + ", which " + String.join(" and ", demand.by)
                                        + " ask" + (demand.by.size() == 1 ? "s" : "") + " for"));
    }

    private boolean isOffered(IndexFile file) {
        return file.yanked().isEmpty() && file.isFor(target.interpreter().minor());
    }
}
