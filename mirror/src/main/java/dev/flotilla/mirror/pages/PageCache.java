package dev.flotilla.mirror.pages;

import dev.flotilla.mirror.configuration.PageSettings;
import dev.flotilla.mirror.policy.Admission;
import dev.flotilla.mirror.policy.Policy;
import dev.flotilla.mirror.policy.View;
import dev.flotilla.mirror.simple.FilePath;
import dev.flotilla.mirror.simple.PageParser;
import dev.flotilla.mirror.simple.ProjectFile;
import dev.flotilla.mirror.simple.ProjectPage;
import dev.flotilla.mirror.simple.RootListParser;
import dev.flotilla.mirror.store.PageKey;
import dev.flotilla.mirror.store.PageStore;
import dev.flotilla.mirror.upstream.Misses;
import dev.flotilla.mirror.upstream.PageSource;
import dev.flotilla.mirror.upstream.Turns;
import dev.flotilla.mirror.wheels.Wheelhouse;
import dev.flotilla.vocabulary.ProjectName;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.internal.ContextInternal;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Objects;
import java.util.Optional;

/**
 * The pages of this mirror. A fresh page is a look-up; a stale one is served at once while one fetch renews it; a page that
 * isn't here is fetched once for all who wait. Whatever upstream does wrong, a page that was ever had is served until its
 * stale limit, and "there is no such page" is only ever upstream's own word. For any thread; futures complete on the
 * caller's context and never fail.
 */
public final class PageCache implements AutoCloseable {
    private final Vertx vertx;
    private final Policy policy;
    private final InstantSource clock;
    private final Freshness freshness;
    private final DirectMemory direct = new DirectMemory();
    private final PageMemory memory;
    private final Keeping keeping;
    private final KnownProjects projects;
    private final Explanations explanations;
    private final Setbacks setbacks;
    private final Dispatch dispatch;
    private final PurgeFence fence = new PurgeFence();
    private final LargePages large = new LargePages();
    private final Turns purges;
    private final Duration refreshAge;
    private final RefreshBudget refreshes;
    private final WorkerExecutor workers;
    private final Views views;

    /**
     * Pages with everything that they need. None of it is closed here.
     *
     * @param workers for reading, parsing, rendering and compressing
     * @param misses what is in flight, files included
     * @param deadline how long a client waits for a page of a project, waiting for its turn included
     */
    public PageCache(
            Vertx vertx,
            PageSettings settings,
            Policy policy,
            Wheelhouse wheels,
            PageParser pages,
            RootListParser rootLists,
            InstantSource clock,
            PageSource source,
            PageStore store,
            WorkerExecutor workers,
            Misses misses,
            Duration deadline) {
        this.vertx = vertx;
        this.policy = policy;
        this.clock = clock;
        freshness = new Freshness(settings);
        memory = new PageMemory(settings);
        refreshAge = settings.refreshAge();
        refreshes = new RefreshBudget(settings.refreshesPerSecond());
        var kept = new KeptPages(store);
        var preparation = new Preparation(direct, pages, rootLists, policy);
        var remainders = new Remainders(memory, preparation, large, mostRemainders(settings));
        projects = new KnownProjects(settings, policy, clock, memory, kept, preparation, fence, large);
        explanations = new Explanations(settings, policy, clock, memory, kept, preparation, large);
        keeping = new Keeping(settings, clock, memory, kept, projects, preparation, remainders, fence, large);
        this.workers = workers;
        setbacks = new Setbacks(settings, fence);
        dispatch = new Dispatch(
                vertx,
                settings,
                clock,
                keeping,
                remainders,
                projects,
                setbacks,
                fence,
                source,
                workers,
                misses,
                deadline);
        purges = new Turns(1, settings.waitingPurges());
        views = new Views(vertx, settings, policy, wheels, clock, this::page, workers, large);
    }

    /** Each holds a page parsed: no more of them than a few, next to those that are being fetched. */
    private static int mostRemainders(PageSettings settings) {
        return Math.max(1, settings.concurrentFetches() / 4);
    }

    /** The page in {@code view}. The list of all projects is the same in all of them but that of wheels alone. */
    public Future<PageAnswer> page(PageKey key, View view, Variant variant) {
        return inView(key, view, variant, this::page);
    }

    /** The same for a client that wishes upstream to be asked: see {@link #recentPage(PageKey, Variant)}. */
    public Future<PageAnswer> recentPage(PageKey key, View view, Variant variant) {
        return inView(key, view, variant, this::recentPage);
    }

    private Future<PageAnswer> inView(PageKey key, View view, Variant variant, Views.Pages asked) {
        return view instanceof View.Plain
                ? asked.apply(key, variant)
                : views.page(new ViewPage.Key(key, view, variant), asked);
    }

    /** What the page of {@code project} says of {@code file} in {@code view}, which isn't plain. */
    Future<Verdict> verdict(ProjectName project, FilePath file, View view) {
        return views.verdict(project, file, view);
    }

    /** The page that {@code key} names, in one representation. */
    public Future<PageAnswer> page(PageKey key, Variant variant) {
        var context = (ContextInternal) vertx.getOrCreateContext();
        while (true) {
            Instant now = clock.instant();
            Optional<PageAnswer> answer = memory.get(key)
                    .flatMap(held -> atOnce(key, held, variant, now))
                    .or(() -> setbacks.now(key, now).flatMap(setback -> refusal(setback, now)))
                    .or(() -> unadmitted(key));
            if (answer.isPresent()) {
                return context.succeededFuture(answer.get());
            }
            Optional<Future<PageAnswer>> joined = dispatch.join(key, variant, context);
            if (joined.isPresent()) {
                return joined.get()
                        .compose(joint -> Future.succeededFuture(
                                joint instanceof PageAnswer.Overloaded ? keptOr(joint, key, variant) : joint));
            }
        }
    }

    /** The answer for a project whose name isn't served. Nothing of it is ever in memory, so only misses come here. */
    private Optional<PageAnswer> unadmitted(PageKey key) {
        if (!(key instanceof PageKey.Project(ProjectName name))) {
            return Optional.empty();
        }
        return switch (policy.admission(name)) {
            case Admission.Open ignored -> Optional.empty();
            case Admission.Blocked blocked -> Optional.of(new PageAnswer.Blocked(blocked.reason()));
            case Admission.Private reserved -> Optional.of(new PageAnswer.Private(reserved.reason()));
        };
    }

    /** Where no fetch can be begun or waited for, what is in memory serves all the same. */
    private PageAnswer keptOr(PageAnswer otherwise, PageKey key, Variant variant) {
        Instant now = clock.instant();
        return memory.get(key)
                .filter(held -> freshness.bearsABusyMirror(held, now))
                .flatMap(held -> PageAnswers.served(held, variant, PageOutcome.STALE, now))
                .orElse(otherwise);
    }

    /**
     * The page for a client that wishes upstream to be asked (RFC 9111, section 5.2.1). Granted where the page in memory is
     * old enough, upstream isn't known to fail and the budget allows it, which a fetch that is under way already doesn't touch;
     * else what {@link #page} says. The client waits no longer than the patience of the configuration.
     */
    public Future<PageAnswer> recentPage(PageKey key, Variant variant) {
        Instant now = clock.instant();
        boolean grantable = memory.get(key)
                .filter(held -> !now.isBefore(held.confirmed().plus(refreshAge)))
                .filter(held -> freshness.stage(held, now) != Freshness.Stage.EXPIRED)
                .isPresent();
        if (!grantable || dispatch.isWaitingVain(key, now)) {
            return page(key, variant);
        }
        return dispatch.renew(key, variant, (ContextInternal) vertx.getOrCreateContext(), () -> refreshes.tryTake(now))
                .map(renewed -> renewed.compose(answer ->
                        answer instanceof PageAnswer.Overloaded ? page(key, variant) : Future.succeededFuture(answer)))
                .orElseGet(() -> page(key, variant));
    }

    /** The answer that needs nobody else: the page is fresh, or stale and nothing speaks for waiting. */
    private Optional<PageAnswer> atOnce(PageKey key, Held held, Variant variant, Instant now) {
        return switch (freshness.stage(held, now)) {
            case FRESH -> PageAnswers.served(held, variant, PageOutcome.HIT, now);
            case STALE -> stale(key, held, variant, now);
            case OVERDUE -> isWaitingVain(key, held, now) ? stale(key, held, variant, now) : Optional.empty();
            case EXPIRED -> Optional.empty();
        };
    }

    /** After a purge only this page's own failure lets it be served as it is. */
    private boolean isWaitingVain(PageKey key, Held held, Instant now) {
        return held.purged() ? setbacks.now(key, now).isPresent() : dispatch.isWaitingVain(key, now);
    }

    private Optional<PageAnswer> stale(PageKey key, Held held, Variant variant, Instant now) {
        var answer = PageAnswers.served(held, variant, PageOutcome.STALE, now);
        if (answer.isPresent() && setbacks.now(key, now).isEmpty()) {
            dispatch.launch(key);
        }
        return answer;
    }

    private static Optional<PageAnswer> refusal(Setback setback, Instant now) {
        return switch (setback) {
            case Setback.Gone gone -> Optional.of(new PageAnswer.Absent(Duration.between(now, gone.until())));
            case Setback.Failed failed ->
                failed.nothingKept()
                        ? Optional.of(new PageAnswer.Unavailable(failed.reason(), Optional.of(failed.deferral(now))))
                        : Optional.empty();
        };
    }

    /** The model of a project's page, if it is in memory. */
    Optional<ProjectPage> knownModel(ProjectName name) {
        return projects.knownPage(name);
    }

    /** Whether what a page of this age doesn't name can be taken for absent: no wish for a newer one would be granted yet, or ever. */
    boolean isYoung(Duration age) {
        return age.compareTo(refreshAge) < 0 || refreshes.isNone();
    }

    /** The model of a project's page as it is kept, where it is: to be asked once the page was had. */
    Future<Optional<ProjectPage>> model(ProjectName name) {
        return projects.knownPage(name)
                .map(model -> Future.succeededFuture(Optional.of(model)))
                .orElseGet(() -> workers.executeBlocking(() -> projects.page(name), false));
    }

    /** How a project stands, by what is in memory. */
    Optional<Standing> knownStanding(ProjectName name) {
        return projects.knownStanding(name);
    }

    /** How a project stands, by what is on disk, too. */
    Future<Standing> standing(ProjectName name) {
        return workers.executeBlocking(() -> Optional.of(projects.standing(name)), false)
                .map(standing -> Objects.requireNonNull(standing).orElseThrow());
    }

    /** Begins to renew a project's page in the background, unless that is under way or was in vain a moment ago. */
    void renew(ProjectName name) {
        var key = new PageKey.Project(name);
        if (setbacks.now(key, clock.instant()).isEmpty()) {
            dispatch.launch(key);
        }
    }

    /** Why something of a project, or of one {@code version} of it, is missing in {@code view}; upstream isn't asked. */
    public Future<Explanation> explain(ProjectName name, View view, Optional<String> version) {
        var setback = setbacks.last(new PageKey.Project(name));
        return workers.executeBlocking(() -> Optional.of(explanations.explain(name, view, version, setback)), false)
                .map(explanation -> Objects.requireNonNull(explanation).orElseThrow());
    }

    /** Whether {@code file} of {@code page} is shown in {@code view}. */
    boolean isShown(ProjectPage page, ProjectFile file, View view) {
        return policy.judge(page, file, view, clock.instant()).isEmpty();
    }

    /** Whether what no page names, and what therefore has no known age, must not be given out. */
    boolean isAgeDemanded() {
        return policy.cooldown().isPresent();
    }

    Instant now() {
        return clock.instant();
    }

    /**
     * Purges pages: whoever asks for one from when this is done has upstream asked for it, without conditions, so that a wrong
     * page can't be confirmed; nothing that was fetched or read before comes back, not by a restart either. A page that is
     * purged softly is kept for as long as it would have been, and served only where upstream fails to give another one. One
     * purge is carried out at a time.
     *
     * @param hard whether the pages are deleted: then they are unavailable while upstream fails
     * @return what was done; empty where too many purges wait
     */
    public Future<Optional<PurgeReport>> purge(PurgeScope scope, boolean hard) {
        Promise<Optional<PurgeReport>> promise = ((ContextInternal) vertx.getOrCreateContext()).promise();
        boolean begun = purges.request(() -> workers.executeBlocking(() -> Optional.of(purged(scope, hard)), false)
                .onComplete(promise)
                .onComplete(done -> purges.done()));
        return begun ? promise.future() : Future.succeededFuture(Optional.empty());
    }

    private record Purged(Keeping.Purged pages, Dispatch.Purged fetches) {}

    private PurgeReport purged(PurgeScope scope, boolean hard) throws IOException {
        long beganNanos = System.nanoTime();
        var purged = fence.raise(scope, () -> new Purged(keeping.purge(scope, hard), dispatch.purge(scope)));
        dispatch.purge(scope); // What began while the fence was raised.
        var onDisk = purged.pages().onDisk().carryOut();
        return new PurgeReport(
                scope,
                hard,
                purged.pages().inMemory(),
                onDisk.pages(),
                onDisk.failed(),
                purged.fetches().remembered(),
                purged.fetches().interrupted(),
                0,
                Duration.ofNanos(System.nanoTime() - beganNanos));
    }

    /**
     * A purge that another process with the same store has carried out, the disk included: what this one has in memory goes, too.
     * Waits for those who are just putting something there.
     */
    void purgedByAnother(PurgeScope scope, boolean hard) {
        fence.raise(scope, () -> {
            dispatch.purge(scope);
            return keeping.purgeMemory(scope, hard);
        });
        dispatch.purge(scope);
    }

    /** Forgets what is in memory, so that the next request reads the store. */
    void forget(PageKey key) {
        memory.remove(key);
    }

    public PageFigures figures() {
        return new PageFigures(
                memory.count(),
                memory.bytes(),
                direct.bytes(),
                views.count(),
                views.bytes(),
                dispatch.underWay(),
                dispatch.counts());
    }

    /** Frees the memory; to be called when nobody asks any more. */
    @Override
    public void close() {
        dispatch.close();
        views.clear();
        memory.clear();
    }
}
