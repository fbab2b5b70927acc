package dev.flotilla.mirror.pages;

import dev.flotilla.mirror.configuration.PageSettings;
import dev.flotilla.mirror.policy.Policy;
import dev.flotilla.mirror.policy.View;
import dev.flotilla.mirror.store.PageKey;
import dev.flotilla.vocabulary.ProjectName;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;

/** Says what is known of a project, and why files of it are missing. Blocks: for workers. */
final class Explanations {
    private final Policy policy;
    private final InstantSource clock;
    private final Freshness freshness;
    private final PageMemory memory;
    private final KeptPages kept;
    private final Preparation preparation;
    private final LargePages large;

    Explanations(
            PageSettings settings,
            Policy policy,
            InstantSource clock,
            PageMemory memory,
            KeptPages kept,
            Preparation preparation,
            LargePages large) {
        this.policy = policy;
        this.clock = clock;
        this.memory = memory;
        this.kept = kept;
        this.preparation = preparation;
        this.large = large;
        freshness = new Freshness(settings);
    }

    /** Of {@code name} in {@code view}, or of one version of it. */
    Explanation explain(ProjectName name, View view, Optional<String> version, Optional<Setback> setback) {
        return large.inTurn(kept.size(new PageKey.Project(name)), () -> explained(name, view, version, setback));
    }

    private Explanation explained(ProjectName name, View view, Optional<String> version, Optional<Setback> setback) {
        Instant now = clock.instant();
        Optional<Held> held = memory.get(new PageKey.Project(name));
        return new Explanation(
                name,
                view,
                policy.admission(name),
                setback.map(known -> trouble(known, now)),
                kept.read(new PageKey.Project(name))
                        .flatMap(stored -> preparation.explain(
                                name,
                                stored,
                                view,
                                version,
                                held.map(Held::confirmed).orElse(stored.fetched()),
                                held.map(Held::freshUntil)
                                        .orElse(freshness.freshUntil(stored.fetched(), stored.lifetime())),
                                now)));
    }

    private static Explanation.Trouble trouble(Setback setback, Instant now) {
        Optional<Instant> until = Optional.of(setback.until()).filter(now::isBefore);
        return switch (setback) {
            case Setback.Gone(Instant since, Instant latest, Instant ignored) ->
                new Explanation.Trouble(true, "upstream says that there is no such project", since, latest, until);
            case Setback.Failed(
                    Instant since,
                    Instant latest,
                    var ignored,
                    var again,
                    var cause,
                    String reason,
                    var kept) -> new Explanation.Trouble(false, reason, since, latest, until);
        };
    }
}
