package dev.flotilla.mirror.pages;

import dev.flotilla.mirror.files.Clearance;
import dev.flotilla.mirror.files.FileCatalogue;
import dev.flotilla.mirror.files.FileOffer;
import dev.flotilla.mirror.files.Visibility;
import dev.flotilla.mirror.policy.Admission;
import dev.flotilla.mirror.policy.View;
import dev.flotilla.mirror.simple.CoreMetadata;
import dev.flotilla.mirror.simple.FilePath;
import dev.flotilla.mirror.simple.ProjectFile;
import dev.flotilla.mirror.simple.ProjectPage;
import dev.flotilla.mirror.upstream.Deferral;
import dev.flotilla.vocabulary.ProjectName;
import io.vertx.core.Future;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** What the cached pages say about files: asks for the page of every project to which a file can belong. For any thread. */
public final class PageCatalogue implements FileCatalogue {
    private static final Clearance UNSETTLED = new Clearance.Unsettled();

    private final PageCache pages;
    private final PageSearch search;

    public PageCatalogue(PageCache pages) {
        this.pages = pages;
        search = new PageSearch(pages);
    }

    /** The likeliest project that exists, by the file's name alone, decides. */
    @Override
    public Clearance clearance(FilePath path) {
        for (var project : path.projects()) {
            Optional<Standing> standing = pages.knownStanding(project);
            Optional<Clearance> clearance =
                    standing.isEmpty() ? Optional.of(UNSETTLED) : clearance(project, standing.get(), path);
            if (clearance.isPresent()) {
                return clearance.get();
            }
        }
        return Clearance.CLEAR;
    }

    @Override
    public Future<Clearance> settle(FilePath path) {
        return settle(path, path.projects());
    }

    private Future<Clearance> settle(FilePath path, List<ProjectName> candidates) {
        if (candidates.isEmpty()) {
            return Future.succeededFuture(Clearance.CLEAR);
        }
        var project = candidates.getFirst();
        return pages.knownStanding(project)
                .map(Future::succeededFuture)
                .orElseGet(() -> pages.standing(project))
                .compose(standing -> clearance(project, standing, path)
                        .map(Future::succeededFuture)
                        .orElseGet(() -> settle(path, candidates.subList(1, candidates.size()))));
    }

    /** What the project's standing says; empty where there is no such project. */
    private Optional<Clearance> clearance(ProjectName project, Standing standing, FilePath path) {
        return switch (standing) {
            case Standing.Refused(Admission.Private(String reason)) -> Optional.of(new Clearance.Withheld(reason));
            case Standing.Refused(Admission.Blocked(String reason)) -> Optional.of(new Clearance.Forbidden(reason));
            case Standing.Refused(Admission.Open ignored) ->
                throw new IllegalStateException("who is admitted isn't refused");
            case Standing.Unknown ignored -> {
                pages.renew(project);
                yield Optional.of(Clearance.CLEAR);
            }
            case Standing.Absent(Instant freshUntil) -> {
                if (!pages.now().isBefore(freshUntil)) {
                    pages.renew(project);
                }
                yield Optional.empty();
            }
            case Standing.Known known -> Optional.of(clearance(project, known, path));
        };
    }

    private Clearance clearance(ProjectName project, Standing.Known known, FilePath path) {
        Instant now = pages.now();
        if (!now.isBefore(known.freshUntil())) {
            pages.renew(project);
        }
        if (known.quarantined()) {
            return new Clearance.Withheld("the project " + project + " is in quarantine");
        }
        var hidden = known.hidden().get(path.filename());
        return hidden != null && hidden.holds(now)
                ? new Clearance.Withheld("hidden by the rule " + hidden.rule().token())
                : Clearance.CLEAR;
    }

    /** Only a page that names the file says how old it is: what none names is hidden, or unknowable where one wasn't had. */
    @Override
    public Future<Visibility> visibility(FilePath path, View view) {
        return visibility(path, path.projects(), view, Optional.empty());
    }

    private Future<Visibility> visibility(
            FilePath path, List<ProjectName> candidates, View view, Optional<Visibility> doubt) {
        if (candidates.isEmpty()) {
            return Future.succeededFuture(doubt.orElseGet(() -> new Visibility.Hidden("no page says how old it is")));
        }
        var project = candidates.getFirst();
        var others = candidates.subList(1, candidates.size());
        return pages.verdict(project, path, view).compose(verdict -> switch (verdict) {
            case Verdict.Shown ignored -> Future.succeededFuture(new Visibility.Shown());
            case Verdict.Withheld(String rule, Optional<Instant> until) ->
                Future.succeededFuture(new Visibility.Hidden("hidden by the rule " + rule));
            case Verdict.Unnamed ignored -> unnamed(path, candidates, view, doubt);
            case Verdict.NoPage(PageAnswer.Blocked(String reason)) ->
                Future.succeededFuture(new Visibility.Forbidden(reason));
            case Verdict.NoPage(PageAnswer.Private(String reason)) ->
                Future.succeededFuture(new Visibility.Hidden(reason));
            case Verdict.NoPage(PageAnswer.Unavailable(String reason, Optional<Deferral> deferral)) ->
                visibility(
                        path, others, view, doubt.or(() -> Optional.of(new Visibility.Unknowable(reason, deferral))));
            case Verdict.NoPage(PageAnswer.Overloaded ignored) ->
                visibility(
                        path,
                        others,
                        view,
                        doubt.or(() -> Optional.of(new Visibility.Unknowable(
                                "too many pages are being prepared", Optional.of(Deferral.busy())))));
            case Verdict.NoPage(PageAnswer.Absent ignored) -> visibility(path, others, view, doubt);
            case Verdict.NoPage(PageAnswer.Served ignored) -> throw new IllegalStateException("there is a page");
        });
    }

    /** What a page doesn't offer a rule hides, or a newer page may offer it. */
    private Future<Visibility> unnamed(
            FilePath path, List<ProjectName> candidates, View view, Optional<Visibility> doubt) {
        if (clearance(path) instanceof Clearance.Withheld(String reason)) {
            return Future.succeededFuture(new Visibility.Hidden(reason));
        }
        var project = candidates.getFirst();
        var others = candidates.subList(1, candidates.size());
        return search.find(project, page -> page.named(path)).compose(finding -> switch (finding) {
            case PageSearch.Finding.Found ignored ->
                pages.verdict(project, path, view).map(PageCatalogue::onNewPage);
            case PageSearch.Finding.Missing ignored -> visibility(path, others, view, doubt);
            case PageSearch.Finding.Blocked(String reason) -> Future.succeededFuture(new Visibility.Forbidden(reason));
            case PageSearch.Finding.Private(String reason) -> Future.succeededFuture(new Visibility.Hidden(reason));
            case PageSearch.Finding.Unknowable(String reason, Optional<Deferral> deferral) ->
                visibility(
                        path, others, view, doubt.or(() -> Optional.of(new Visibility.Unknowable(reason, deferral))));
        });
    }

    private static Visibility onNewPage(Verdict verdict) {
        return switch (verdict) {
            case Verdict.Shown ignored -> new Visibility.Shown();
            case Verdict.Withheld(String rule, Optional<Instant> until) ->
                new Visibility.Hidden("hidden by the rule " + rule);
            case Verdict.Unnamed ignored -> new Visibility.Hidden("a rule of this mirror hides it");
            case Verdict.NoPage ignored -> new Visibility.Unknowable("the page changed meanwhile; try again");
        };
    }

    /** Looks for the page that names the file; afterwards its project's page is known, and may speak against it. */
    @Override
    public Future<FileOffer> find(FilePath path) {
        return find(path, path.projects(), Optional.empty()).map(offer -> switch (offer) {
            case FileOffer.Offered offered -> offered;
            case FileOffer.Withheld withheld -> withheld;
            case FileOffer.Undecidable undecidable -> undecidable;
            case FileOffer.NotOffered none ->
                clearance(path) instanceof Clearance.Withheld(String reason)
                        ? new FileOffer.Withheld(reason)
                        : pages.isAgeDemanded() ? new FileOffer.Withheld("no page says how old it is") : none;
            case FileOffer.Unknowable unknowable ->
                pages.isAgeDemanded()
                        ? new FileOffer.Undecidable(unknowable.reason(), unknowable.deferral())
                        : unknowable;
        });
    }

    private Future<FileOffer> find(FilePath path, List<ProjectName> candidates, Optional<FileOffer> doubt) {
        if (candidates.isEmpty()) {
            return Future.succeededFuture(doubt.orElseGet(FileOffer.NotOffered::new));
        }
        var others = candidates.subList(1, candidates.size());
        return on(candidates.getFirst(), path).compose(offer -> switch (offer) {
            case FileOffer.Offered offered -> Future.succeededFuture(offered);
            case FileOffer.Withheld withheld -> Future.succeededFuture(withheld);
            case FileOffer.Undecidable undecidable -> Future.succeededFuture(undecidable);
            case FileOffer.NotOffered ignored -> find(path, others, doubt);
            case FileOffer.Unknowable unknowable -> find(path, others, doubt.or(() -> Optional.of(unknowable)));
        });
    }

    /** What the page of {@code project} says. */
    private Future<FileOffer> on(ProjectName project, FilePath path) {
        return search.find(project, page -> page.named(path)).map(finding -> switch (finding) {
            case PageSearch.Finding.Found(ProjectPage page, ProjectFile file, var ignored) ->
                pages.isShown(page, file, View.PLAIN)
                        ? new FileOffer.Offered(file.location().uri(), file.sha256(), file.size(), metadata(file))
                        : new FileOffer.Withheld("a rule of this mirror hides it");
            case PageSearch.Finding.Missing ignored -> new FileOffer.NotOffered();
            case PageSearch.Finding.Blocked ignored -> new FileOffer.NotOffered();
            case PageSearch.Finding.Private ignored -> new FileOffer.NotOffered();
            case PageSearch.Finding.Unknowable(String reason, Optional<Deferral> deferral) ->
                new FileOffer.Unknowable(reason, deferral);
        });
    }

    private static FileOffer.MetadataOffer metadata(ProjectFile file) {
        return switch (file.coreMetadata()) {
            case CoreMetadata.Absent ignored -> FileOffer.MetadataOffer.none();
            case CoreMetadata.Present present -> new FileOffer.MetadataOffer(true, present.sha256());
        };
    }
}
