package dev.flotilla.mirror.pages;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.flotilla.mirror.configuration.PageSettings;
import dev.flotilla.mirror.policy.Admission;
import dev.flotilla.mirror.policy.Policy;
import dev.flotilla.mirror.policy.View;
import dev.flotilla.mirror.simple.ContentCoding;
import dev.flotilla.mirror.simple.FilePath;
import dev.flotilla.mirror.simple.PageForm;
import dev.flotilla.mirror.store.PageKey;
import dev.flotilla.mirror.upstream.Turns;
import dev.flotilla.mirror.wheels.Wheelhouse;
import dev.flotilla.vocabulary.ProjectName;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.internal.ContextInternal;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.BiFunction;
import java.util.function.Function;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Projects' pages in views. A view is made of the very bytes that the page itself is offered in: so it shows nothing that the
 * page doesn't, and is right as long as the page has the same entity tag and no further file has come of age. Every request
 * goes through the page first, with its freshness, its stale rules and its shared fetch; a view never asks upstream. What
 * has to be made is made on workers, once for all who want it, and only so much at once, since clients choose views
 * freely. For any thread; futures complete on the caller's context.
 */
final class Views {
    /** The representation of a page that views are made of. */
    static final Variant BASE = new Variant(PageForm.JSON, ContentCoding.IDENTITY);

    private static final Logger LOG = LoggerFactory.getLogger(Views.class);

    private final Vertx vertx;
    private final InstantSource clock;
    private final Pages pages;
    private final LargePages large;
    private final Policy policy;
    private final Duration lifetime;
    private final ViewPreparation preparation;
    private final DirectMemory direct = new DirectMemory();
    private final WorkerExecutor workers;
    private final ViewMemory memory;
    private final long mostBytes;
    private final SharedWork<Order<ViewPage.Key>, Optional<ViewPage>> preparations;
    private final SharedWork<Order<Sought>, Optional<Verdict>> judgements;
    private final Cache<Sought, Judged> verdicts;

    /** Gives out pages of the index as it is. */
    @FunctionalInterface
    interface Pages extends BiFunction<PageKey, Variant, Future<PageAnswer>> {}

    /** Something to be made of the page with the tag {@code base}: all that its outcome depends on but the time. */
    private record Order<T>(T what, String base) {}

    /** A file of a project in a view. */
    private record Sought(ProjectName project, FilePath file, View view) {}

    private record Judged(Verdict verdict, String base) {}

    /** The page as it was when it was asked for; its body is given back already. */
    private record Basis(PageAnswer.Served page, String tag, Instant at) {}

    /** Views of {@code pages}. */
    Views(
            Vertx vertx,
            PageSettings settings,
            Policy policy,
            Wheelhouse wheels,
            InstantSource clock,
            Pages pages,
            WorkerExecutor workers,
            LargePages large) {
        this.large = large;
        this.policy = policy;
        lifetime = wheels.lifetime();
        this.vertx = vertx;
        this.clock = clock;
        this.pages = pages;
        preparation = new ViewPreparation(direct, policy, wheels);
        this.workers = workers;
        memory = new ViewMemory(settings.viewMemory());
        // What left the memory and is still being sent to slow clients may be as much again.
        mostBytes = 2 * settings.viewMemory().bytes();
        var turns = new Turns(settings.concurrentViews(), settings.waitingViews());
        preparations = new SharedWork<>(vertx, turns, settings.waitersPerFetch(), new Lending());
        judgements = new SharedWork<>(vertx, turns, settings.waitersPerFetch(), SharedWork.Lease.none());
        verdicts = Caffeine.newBuilder()
                .maximumSize(settings.viewVerdicts())
                .executor(Runnable::run)
                .build();
    }

    /** Lends the body of a page that was made. */
    private static final class Lending implements SharedWork.Lease<Optional<ViewPage>> {
        @Override
        public void lend(Optional<ViewPage> made) {
            made.ifPresent(page -> page.body().lend());
        }

        @Override
        public void release(Optional<ViewPage> made) {
            made.ifPresent(page -> page.body().release());
        }
    }

    /**
     * The page {@code key}.
     *
     * @param asked how the project's page is asked for
     */
    Future<PageAnswer> page(ViewPage.Key key, Pages asked) {
        var context = (ContextInternal) vertx.getOrCreateContext();
        if (key.view() instanceof View.Wheels(String platform)) {
            return wheels(key, platform, context);
        }
        return switch (key.page()) {
            case PageKey.Project(ProjectName name) ->
                asked.apply(key.page(), BASE)
                        .compose(answer -> answer instanceof PageAnswer.Served served
                                ? page(key, name, basis(served), context)
                                : Future.succeededFuture(answer));
            case PageKey.RootList list -> asked.apply(list, key.variant());
            case PageKey.Provenance provenance -> asked.apply(provenance, key.variant());
        };
    }

    private Basis basis(PageAnswer.Served served) {
        served.body().release();
        return new Basis(served, served.body().etag(), clock.instant());
    }

    private Future<PageAnswer> page(ViewPage.Key key, ProjectName name, Basis basis, ContextInternal context) {
        return page(
                key,
                preparation.base(name, key.view(), basis.tag()),
                page -> answer(page, basis),
                () -> derived(
                        name,
                        basis.tag(),
                        json -> kept(key, preparation.page(key, name, basis.tag(), json, clock.instant()))),
                context);
    }

    /** Nothing of it comes from upstream, or waits for it. */
    private Future<PageAnswer> wheels(ViewPage.Key key, String platform, ContextInternal context) {
        if (key.page() instanceof PageKey.Project(ProjectName name)) {
            switch (policy.admission(name)) {
                case Admission.Open ignored -> {}
                case Admission.Blocked blocked -> {
                    return context.succeededFuture(new PageAnswer.Blocked(blocked.reason()));
                }
                case Admission.Private reserved -> {
                    return context.succeededFuture(new PageAnswer.Private(reserved.reason()));
                }
            }
        }
        return preparation
                .base(key, platform)
                .map(base -> page(
                        key,
                        base,
                        page -> answer(page, platform),
                        () -> workers.executeBlocking(
                                        () -> preparation
                                                .wheels(key, platform, clock.instant())
                                                .map(page -> kept(key, page)),
                                        false)
                                .map(Objects::requireNonNull),
                        context))
                .orElseGet(() -> context.succeededFuture(new PageAnswer.Absent(lifetime)));
    }

    /**
     * The page as it is held, or made once for all who want it.
     *
     * @param base what it has to be made of
     */
    private Future<PageAnswer> page(
            ViewPage.Key key,
            String base,
            Function<ViewPage, PageAnswer> answering,
            Supplier<Future<Optional<ViewPage>>> making,
            ContextInternal context) {
        Optional<PageAnswer> held = memory.get(key)
                .filter(page -> page.isOf(base, clock.instant()))
                .filter(page -> page.body().lend())
                .map(answering);
        if (held.isPresent()) {
            return context.succeededFuture(held.get());
        }
        if (direct.bytes() > mostBytes) {
            return context.succeededFuture(new PageAnswer.Overloaded());
        }
        return preparations
                .join(new Order<>(key, base), context, making)
                .compose(outcome -> switch (outcome) {
                    case SharedWork.Outcome.Refused<Optional<ViewPage>> ignored ->
                        Future.succeededFuture(new PageAnswer.Overloaded());
                    case SharedWork.Outcome.Done<Optional<ViewPage>>(Optional<ViewPage> made) ->
                        made.map(page -> made(key, base, answering, page)).orElseGet(() -> page(key, pages));
                })
                .recover(fault -> Future.succeededFuture(fault(key.page(), key.view(), fault)));
    }

    /** A file may have come of age since the page was judged, or wheels have come: then it has to be made once more. */
    private Future<PageAnswer> made(
            ViewPage.Key key, String base, Function<ViewPage, PageAnswer> answering, ViewPage page) {
        if (page.isOf(base, clock.instant())) {
            return Future.succeededFuture(answering.apply(page));
        }
        page.body().release();
        return page(key, pages);
    }

    private static PageAnswer fault(Object page, View view, Throwable fault) {
        LOG.error("The page {} in the view {} met a fault of this program", page, view.path(), fault);
        return new PageAnswer.Unavailable("this mirror failed to prepare the view; its log says why");
    }

    /** With the lease that {@code page} has: fresh as long as the page itself, and until the next file comes of age. */
    private PageAnswer answer(ViewPage page, Basis basis) {
        Instant now = clock.instant();
        Instant freshUntil = basis.at().plus(basis.page().remaining());
        Instant end = page.changes().filter(freshUntil::isAfter).orElse(freshUntil);
        Duration remaining = Duration.between(now, end);
        return new PageAnswer.Served(
                page.body(),
                basis.page().outcome(),
                basis.page().age().plus(Duration.between(basis.at(), now)),
                remaining.isNegative() ? Duration.ZERO : remaining,
                basis.page().serial());
    }

    /** As old as the index of the wheels. */
    private PageAnswer answer(ViewPage page, String platform) {
        Instant now = clock.instant();
        Duration age = Duration.between(preparation.made(platform).orElse(now), now);
        Duration untilChange =
                page.changes().map(change -> Duration.between(now, change)).orElse(lifetime);
        return new PageAnswer.Served(
                page.body(),
                PageOutcome.HIT,
                age.isNegative() ? Duration.ZERO : age,
                untilChange.compareTo(lifetime) < 0 ? untilChange : lifetime,
                OptionalLong.empty());
    }

    /** What a worker makes of the page's bytes; empty where the page has changed before it was this one's turn. */
    private <T> Future<Optional<T>> derived(ProjectName name, String tag, Function<byte[], T> making) {
        return pages.apply(new PageKey.Project(name), BASE).compose(answer -> {
            if (!(answer instanceof PageAnswer.Served served)) {
                return Future.succeededFuture(Optional.empty());
            }
            var body = served.body();
            if (!body.etag().equals(tag)) {
                body.release();
                return Future.succeededFuture(Optional.empty());
            }
            return workers.executeBlocking(
                            () -> large.inTurn(
                                    body.length(),
                                    () -> Optional.of(making.apply(body.buffer().getBytes()))),
                            false)
                    .onComplete(done -> body.release());
        });
    }

    private ViewPage kept(ViewPage.Key key, ViewPage page) {
        if (!page.body().lend()) {
            throw new IllegalStateException("a page that was just prepared is gone");
        }
        memory.put(key, page);
        return page;
    }

    /** What the page of {@code project} says of {@code file} in {@code view}. */
    Future<Verdict> verdict(ProjectName project, FilePath file, View view) {
        var context = (ContextInternal) vertx.getOrCreateContext();
        return pages.apply(new PageKey.Project(project), BASE)
                .compose(answer -> answer instanceof PageAnswer.Served served
                        ? verdict(new Sought(project, file.file(), view), basis(served), context)
                        : Future.succeededFuture(new Verdict.NoPage(answer)));
    }

    private Future<Verdict> verdict(Sought sought, Basis basis, ContextInternal context) {
        var known = verdicts.getIfPresent(sought);
        if (known != null && known.base().equals(basis.tag())) {
            return context.succeededFuture(seen(known.verdict(), basis));
        }
        return judgements
                .join(
                        new Order<>(sought, basis.tag()),
                        context,
                        () -> derived(sought.project(), basis.tag(), json -> judged(sought, basis.tag(), json)))
                .<Verdict>compose(outcome -> switch (outcome) {
                    case SharedWork.Outcome.Refused<Optional<Verdict>> ignored ->
                        Future.succeededFuture(new Verdict.NoPage(new PageAnswer.Overloaded()));
                    case SharedWork.Outcome.Done<Optional<Verdict>>(Optional<Verdict> made) ->
                        made.map(verdict -> Future.succeededFuture(seen(verdict, basis)))
                                .orElseGet(() -> verdict(sought.project(), sought.file(), sought.view()));
                })
                .recover(fault ->
                        Future.succeededFuture(new Verdict.NoPage(fault(sought.project(), sought.view(), fault))));
    }

    /** A verdict of before, now: what was too young may have come of age. */
    private static Verdict seen(Verdict verdict, Basis basis) {
        return switch (verdict) {
            case Verdict.Withheld(String rule, Optional<Instant> until)
            when until.isPresent() && !basis.at().isBefore(until.get()) -> new Verdict.Shown();
            case Verdict.Withheld withheld -> withheld;
            case Verdict.Shown shown -> shown;
            case Verdict.Unnamed unnamed -> unnamed;
            case Verdict.NoPage none -> none;
        };
    }

    private Verdict judged(Sought sought, String tag, byte[] json) {
        var verdict = preparation.verdict(sought.project(), json, sought.file(), sought.view(), clock.instant());
        verdicts.put(sought, new Judged(verdict, tag));
        return verdict;
    }

    long count() {
        return memory.count();
    }

    /** All direct memory of views, those included that left the memory and are still being sent. */
    long bytes() {
        return direct.bytes();
    }

    /** How many preparations and judgements run or wait. */
    int underWay() {
        return preparations.underWay() + judgements.underWay();
    }

    /** Frees the memory. */
    void clear() {
        memory.clear();
    }
}
