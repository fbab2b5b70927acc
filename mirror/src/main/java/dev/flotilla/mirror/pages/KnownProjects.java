package dev.flotilla.mirror.pages;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.flotilla.mirror.configuration.PageSettings;
import dev.flotilla.mirror.policy.Admission;
import dev.flotilla.mirror.policy.Policy;
import dev.flotilla.mirror.simple.ProjectFile;
import dev.flotilla.mirror.simple.ProjectPage;
import dev.flotilla.mirror.simple.ProvenancePath;
import dev.flotilla.mirror.store.PageKey;
import dev.flotilla.mirror.store.StoredPage;
import dev.flotilla.mirror.upstream.ProvenanceOrigin;
import dev.flotilla.vocabulary.ProjectName;
import java.lang.ref.SoftReference;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;

/**
 * What the pages that are kept say of projects, for those who ask about single files: pages parsed, and how projects stand. In
 * bounds, and read again from disk where it has been let go of. For any thread; what reads blocks and is for workers.
 */
final class KnownProjects {
    private final PageSettings settings;
    private final Policy policy;
    private final InstantSource clock;
    private final Freshness freshness;
    private final PageMemory memory;
    private final KeptPages kept;
    private final Preparation preparation;
    private final PurgeFence fence;
    private final LargePages large;
    private final Cache<ProjectName, ProjectPage> pages;
    private final Cache<ProjectName, Standing> standings;

    /**
     * The last page with more files than are held of all together. To parse it anew for each of its files would take a good part of
     * a second each time; it stays for as long as the heap has room.
     */
    private volatile SoftReference<ProjectPage> outsize = new SoftReference<>(null);

    KnownProjects(
            PageSettings settings,
            Policy policy,
            InstantSource clock,
            PageMemory memory,
            KeptPages kept,
            Preparation preparation,
            PurgeFence fence,
            LargePages large) {
        this.settings = settings;
        this.policy = policy;
        this.clock = clock;
        this.memory = memory;
        this.kept = kept;
        this.preparation = preparation;
        this.fence = fence;
        this.large = large;
        freshness = new Freshness(settings);
        pages = Caffeine.newBuilder()
                .maximumWeight(settings.catalogueFiles())
                .weigher((ProjectName name, ProjectPage page) -> weight(page))
                .executor(Runnable::run)
                .build();
        standings = Caffeine.newBuilder()
                .maximumWeight(policy.remembered())
                .weigher((ProjectName name, Standing standing) -> standing.weight())
                .executor(Runnable::run)
                .build();
    }

    private static int weight(ProjectPage page) {
        return page.files().size() + 1;
    }

    /** The project's page, if it is in memory. */
    Optional<ProjectPage> knownPage(ProjectName name) {
        return Optional.ofNullable(pages.getIfPresent(name))
                .or(() -> Optional.ofNullable(outsize.get())
                        .filter(page -> page.name().equals(name)));
    }

    /** How the project stands, by what is in memory. */
    Optional<Standing> knownStanding(ProjectName name) {
        return Optional.ofNullable(standings.getIfPresent(name));
    }

    /** The project's page as it is kept; to be asked once the page was had. Blocks. */
    Optional<ProjectPage> page(ProjectName name) {
        var key = new PageKey.Project(name);
        // Whoever waited for his turn at a large page may find that the one before him has brought it.
        return knownPage(name)
                .or(() -> large.inTurn(kept.size(key), () -> knownPage(name).or(() -> readPage(key))));
    }

    private Optional<ProjectPage> readPage(PageKey.Project key) {
        long since = fence.now();
        return kept.read(key).flatMap(stored -> {
            Optional<Preparation.Model> model = preparation.model(key.name(), stored, clock.instant());
            model.ifPresent(read -> fence.commit(key, since, () -> learn(read, stored)));
            return model.map(Preparation.Model::page);
        });
    }

    /** Where the page of its project says that a file's provenance is; empty where it doesn't, or isn't kept. Blocks. */
    Optional<ProvenanceOrigin> origin(ProvenancePath path) {
        return page(path.project())
                .flatMap(page -> page.named(path.filename()))
                .flatMap(ProjectFile::provenance)
                .flatMap(location -> upstreamOf(new PageKey.Project(path.project()))
                        .map(upstream -> new ProvenanceOrigin(upstream, location.uri())));
    }

    private Optional<String> upstreamOf(PageKey key) {
        return memory.get(key).map(Held::upstream).or(() -> kept.read(key).map(StoredPage::upstream));
    }

    /** How the project stands, by what is on disk, too. Blocks. */
    Standing standing(ProjectName name) {
        var admission = policy.admission(name);
        if (!(admission instanceof Admission.Open)) {
            var refused = new Standing.Refused(admission);
            standings.put(name, refused);
            return refused;
        }
        var key = new PageKey.Project(name);
        return large.inTurn(kept.size(key), () -> readStanding(key));
    }

    private Standing readStanding(PageKey.Project key) {
        long since = fence.now();
        ProjectName name = key.name();
        Optional<StoredPage> stored = kept.read(key);
        Optional<Preparation.Model> model = stored.flatMap(page -> preparation.model(name, page, clock.instant()));
        if (model.isPresent()) {
            fence.commit(key, since, () -> learn(model.get(), stored.get()));
            return standing(model.get(), stored.get());
        }
        var unknown = new Standing.Unknown();
        fence.commit(key, since, () -> standings.put(name, unknown));
        return unknown;
    }

    private Standing standing(Preparation.Model model, StoredPage stored) {
        var changes = model.judgement().changes();
        return Standing.Known.of(
                model.page(),
                model.judgement(),
                stored.purged()
                        ? stored.fetched()
                        : freshness.freshUntil(stored.fetched(), stored.lifetime(), changes));
    }

    /** Takes in a page that was read or fetched. */
    void learn(Preparation.Model model, StoredPage stored) {
        var name = model.page().name();
        forgetOutsize(name);
        if (weight(model.page()) > settings.catalogueFiles()) {
            pages.invalidate(name);
            outsize = new SoftReference<>(model.page());
        } else {
            pages.put(name, model.page());
        }
        standings.put(name, standing(model, stored));
    }

    /** The page as it is known was confirmed. */
    void confirm(ProjectName name, Instant freshUntil) {
        if (standings.getIfPresent(name) instanceof Standing.Known known) {
            standings.put(name, new Standing.Known(known.quarantined(), known.hidden(), freshUntil));
        }
    }

    /** There is no such project, says upstream. */
    void remove(ProjectName name) {
        pages.invalidate(name);
        forgetOutsize(name);
        standings.put(name, new Standing.Absent(clock.instant().plus(settings.absentLifetime())));
    }

    void purge(PurgeScope scope) {
        pages.asMap().keySet().removeIf(scope::covers);
        standings.asMap().keySet().removeIf(scope::covers);
        var large = outsize.get();
        if (large != null && scope.covers(large.name())) {
            outsize.clear();
        }
    }

    private void forgetOutsize(ProjectName name) {
        var large = outsize.get();
        if (large != null && large.name().equals(name)) {
            outsize.clear();
        }
    }
}
