package dev.flotilla.mirror.pages;

import dev.flotilla.mirror.files.Clearance;
import dev.flotilla.mirror.files.FileCatalogue;
import dev.flotilla.mirror.files.FileOffer;
import dev.flotilla.mirror.policy.Admission;
import dev.flotilla.mirror.simple.CoreMetadata;
import dev.flotilla.mirror.simple.FilePath;
import dev.flotilla.mirror.simple.ProjectFile;
import dev.flotilla.mirror.simple.ProjectPage;
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
                pages.isAgeDemanded() ? new FileOffer.Undecidable(unknowable.reason()) : unknowable;
        });
    }

    private Future<FileOffer> find(FilePath path, List<ProjectName> candidates, Optional<String> doubt) {
        if (candidates.isEmpty()) {
            return Future.succeededFuture(
                    doubt.<FileOffer>map(FileOffer.Unknowable::new).orElseGet(FileOffer.NotOffered::new));
        }
        var others = candidates.subList(1, candidates.size());
        return on(candidates.getFirst(), path).compose(offer -> switch (offer) {
            case FileOffer.Offered offered -> Future.succeededFuture(offered);
            case FileOffer.Withheld withheld -> Future.succeededFuture(withheld);
            case FileOffer.Undecidable undecidable -> Future.succeededFuture(undecidable);
            case FileOffer.NotOffered ignored -> find(path, others, doubt);
            case FileOffer.Unknowable unknowable ->
                find(path, others, doubt.or(() -> Optional.of(unknowable.reason())));
        });
    }

    /** What the page of {@code project} says. */
    private Future<FileOffer> on(ProjectName project, FilePath path) {
        return search.find(project, page -> page.named(path)).map(finding -> switch (finding) {
            case PageSearch.Finding.Found(ProjectPage page, ProjectFile file, var ignored) ->
                pages.isShown(page, file)
                        ? new FileOffer.Offered(file.location(), file.sha256(), file.size(), metadata(file))
                        : new FileOffer.Withheld("a rule of this mirror hides it");
            case PageSearch.Finding.Missing ignored -> new FileOffer.NotOffered();
            case PageSearch.Finding.Blocked ignored -> new FileOffer.NotOffered();
            case PageSearch.Finding.Private ignored -> new FileOffer.NotOffered();
            case PageSearch.Finding.Unknowable(String reason) -> new FileOffer.Unknowable(reason);
        });
    }

    private static FileOffer.MetadataOffer metadata(ProjectFile file) {
        return switch (file.coreMetadata()) {
            case CoreMetadata.Absent ignored -> FileOffer.MetadataOffer.none();
            case CoreMetadata.Present present -> new FileOffer.MetadataOffer(true, present.sha256());
        };
    }
}
