package dev.flotilla.controller.wheels.build;

import dev.flotilla.controller.wheels.index.IndexFile;
import dev.flotilla.controller.wheels.index.SimpleIndex;
import dev.flotilla.controller.wheels.requirement.Marker;
import dev.flotilla.controller.wheels.requirement.MarkerEnvironment;
import dev.flotilla.controller.wheels.requirement.Requirement;
import dev.flotilla.controller.wheels.requirement.VersionSpecifiers;
import dev.flotilla.vocabulary.Interpreter;
import dev.flotilla.vocabulary.Machine;
import dev.flotilla.vocabulary.ProjectName;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import java.util.Set;
import java.util.TreeSet;

/**
 * Which files satisfy the requirements of a build, with what they need themselves: of each project the newest version that all allow, as a wheel where
 * one fits. Found by looking again until nothing changes; what only another choice further up could satisfy isn't found, and is told. Thread-safe.
 *
 * @param index from which everything comes
 */
record BuildNeeds(SimpleIndex index, Interpreter interpreter, Machine machine) {
    private static final int MOST_ROUNDS = 30;
    private static final int MOST_PROJECTS = 300;

    /** Something that nobody can satisfy; the message says what and why, in a line. */
    static final class ImpossibleException extends Exception {
        private static final long serialVersionUID = 1;

        ImpossibleException(String message) {
            super(message);
        }
    }

    /** What files need themselves, as requirements. */
    interface Dependencies {
        List<String> of(ProjectName project, IndexFile file)
                throws ImpossibleException, IOException, InterruptedException;
    }

    /** What is asked of a project, by whom. */
    private static final class Asked {
        private VersionSpecifiers versions = VersionSpecifiers.ANY;
        private final Set<String> extras = new TreeSet<>();
        private final Set<String> by = new TreeSet<>();
    }

    /** The files by project, in the order in which they are asked for. */
    SequencedMap<ProjectName, IndexFile> satisfy(Collection<String> requirements, Dependencies dependencies)
            throws ImpossibleException, IOException, InterruptedException {
        Map<ProjectName, IndexFile> chosen = Map.of();
        for (int i = 0; i < MOST_ROUNDS; i++) {
            SequencedMap<ProjectName, IndexFile> next = round(requirements, chosen, dependencies);
            if (next.equals(chosen)) {
                return next;
            }
            chosen = next;
        }
        throw new ImpossibleException("what its build needs can't be settled: " + String.join(", ", requirements));
    }

    private SequencedMap<ProjectName, IndexFile> round(
            Collection<String> requirements, Map<ProjectName, IndexFile> before, Dependencies dependencies)
            throws ImpossibleException, IOException, InterruptedException {
        SequencedMap<ProjectName, Asked> asked = new LinkedHashMap<>();
        ask(asked, requirements, Set.of(), "the build");
        // Those that were chosen ask for more, which may change what is chosen.
        List<ProjectName> open = new ArrayList<>(asked.keySet());
        Map<ProjectName, Set<String>> told = new LinkedHashMap<>();
        for (int i = 0; i < open.size(); i++) {
            ProjectName project = open.get(i);
            IndexFile file = before.get(project);
            Asked of = asked.get(project);
            if (file == null || of == null) {
                continue;
            }
            Set<String> extras = new TreeSet<>(of.extras);
            if (!extras.equals(told.put(project, extras))) {
                ask(asked, dependencies.of(project, file), extras, project.toString());
                asked.keySet().stream().filter(known -> !open.contains(known)).forEach(open::add);
                // One that was told already may have been asked for with more extras since.
                told.forEach((known, with) -> {
                    Asked now = asked.get(known);
                    if (now != null && !with.equals(now.extras)) {
                        open.add(known);
                    }
                });
            }
            if (open.size() > MOST_PROJECTS) {
                throw new ImpossibleException("its build needs more than " + MOST_PROJECTS + " projects");
            }
        }
        SequencedMap<ProjectName, IndexFile> chosen = new LinkedHashMap<>();
        for (Map.Entry<ProjectName, Asked> one : asked.entrySet()) {
            chosen.put(one.getKey(), newest(one.getKey(), one.getValue()));
        }
        return chosen;
    }

    private void ask(Map<ProjectName, Asked> asked, Collection<String> requirements, Set<String> extras, String who)
            throws ImpossibleException {
        MarkerEnvironment environment =
                MarkerEnvironment.of(interpreter, machine).withExtras(extras);
        for (String text : requirements) {
            Requirement requirement;
            try {
                requirement = Requirement.parse(text);
            } catch (IllegalArgumentException none) {
                throw new ImpossibleException(who + " needs '" + text + "': " + none.getMessage());
            }
            if (requirement.url().isPresent()) {
                throw new ImpossibleException(who + " needs '" + text + "': only what the index has is brought");
            }
            if (requirement.applies(environment) != Marker.Verdict.NO) {
                Asked of = asked.computeIfAbsent(requirement.project(), ignored -> new Asked());
                of.versions = of.versions.and(requirement.specifiers());
                of.extras.addAll(requirement.extras());
                of.by.add(who);
            }
        }
    }

    private IndexFile newest(ProjectName project, Asked asked) throws ImpossibleException, InterruptedException {
        String what = project + (asked.versions.isAny() ? "" : " " + asked.versions) + ", which "
                + String.join(" and ", asked.by) + " needs";
        return switch (index.page(project)) {
            case SimpleIndex.Page.Absent ignored -> throw new ImpossibleException(what + ", isn't in the index");
            case SimpleIndex.Page.Unknown(String reason) ->
                throw new ImpossibleException(what + ", can't be found out about: " + reason);
            case SimpleIndex.Page.Found found -> {
                if (found.page().quarantined()) {
                    throw new ImpossibleException(what + ", is quarantined");
                }
                yield choice(found.page().files(), asked.versions)
                        .orElseThrow(() -> new ImpossibleException(
                                what + ", has no file with a digest that fits CPython " + interpreter));
            }
        };
    }

    private Optional<IndexFile> choice(List<IndexFile> files, VersionSpecifiers versions) {
        boolean pinned = versions.pin().isPresent();
        List<IndexFile> allowed = files.stream()
                .filter(file -> file.sha256().isPresent()
                        && (pinned || file.yanked().isEmpty())
                        && file.isFor(interpreter.minor())
                        && versions.contains(file.version())
                        && file.wheel()
                                .map(wheel -> wheel.fits(interpreter, machine))
                                .orElse(true))
                .toList();
        // No release that is only tried out, unless somebody names one or there is no other.
        List<IndexFile> released = allowed.stream()
                .filter(file -> versions.namesPrerelease() || !file.version().isPrerelease())
                .toList();
        return (released.isEmpty() ? allowed : released)
                .stream()
                        // What is built already first; of one version what is made for this machine.
                        .max(Comparator.<IndexFile, Boolean>comparing(file -> !file.isSdist())
                                .thenComparing(IndexFile::version)
                                .thenComparing(file -> file.wheel()
                                        .map(wheel -> !wheel.platforms().contains("any"))
                                        .orElse(false))
                                .thenComparing(IndexFile::filename));
    }
}
