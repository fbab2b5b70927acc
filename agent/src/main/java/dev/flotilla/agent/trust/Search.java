package dev.flotilla.agent.trust;

import java.io.IOException;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * Looks for a target in pre-order, the roles in the order of their priority (TUF 1.0, section 5.6.7). Roles are visited once,
 * and no more of them than the limit, so that whoever signs one can't keep a client busy.
 */
final class Search {
    private final TrustedMetadata metadata;
    private final String path;
    private final int limit;
    private final Roles roles;
    private final Set<String> visited = new HashSet<>();

    /** Fetches and judges the metadata of a delegated role; nothing where the snapshot does not know it. */
    interface Roles {
        Optional<TargetsMetadata> metadata(Delegation delegation, SnapshotMetadata snapshot)
                throws RefusedException, Updater.Away, IOException;
    }

    Search(TrustedMetadata metadata, String path, int limit, Roles roles) {
        this.metadata = metadata;
        this.path = path;
        this.limit = limit;
        this.roles = roles;
    }

    Updater.Finding result() throws RefusedException, Updater.Away, IOException {
        visited.add(Role.TARGETS.metadataName());
        Step step = visit(metadata.targets());
        return switch (step) {
            case Step.Found found -> new Updater.Finding.Found(found.file());
            case Step.Over over -> new Updater.Finding.Absent(over.reason());
            case Step.Onward ignored -> new Updater.Finding.Absent("no role knows the target " + path);
        };
    }

    private Step visit(TargetsMetadata role) throws RefusedException, Updater.Away, IOException {
        Optional<TargetFile> file = role.target(path);
        if (file.isPresent()) {
            return new Step.Found(file.get());
        }
        for (Delegation delegation : role.delegations()) {
            if (!delegation.covers(path)) {
                continue;
            }
            Step step = visited.contains(delegation.name()) ? new Step.Onward() : enter(delegation);
            if (!(step instanceof Step.Onward)) {
                return step;
            }
            if (delegation.terminating()) {
                return new Step.Over("the role " + delegation.name() + " does not know the target " + path
                        + ", and no other may speak for it");
            }
        }
        return new Step.Onward();
    }

    private Step enter(Delegation delegation) throws RefusedException, Updater.Away, IOException {
        if (visited.size() >= limit) {
            return new Step.Over("no role of the first " + limit + " knows the target " + path);
        }
        visited.add(delegation.name());
        Optional<TargetsMetadata> found = roles.metadata(delegation, metadata.snapshot());
        return found.isPresent()
                ? visit(found.get())
                : new Step.Over("the snapshot has no metadata of the role " + delegation.name());
    }

    /** How far the search has come. */
    private sealed interface Step {
        record Found(TargetFile file) implements Step {}

        /** It ends without a result. */
        record Over(String reason) implements Step {}

        /** The next role may know. */
        record Onward() implements Step {}
    }
}
