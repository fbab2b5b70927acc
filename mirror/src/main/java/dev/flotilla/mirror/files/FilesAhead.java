package dev.flotilla.mirror.files;

import dev.flotilla.mirror.simple.FilePath;
import dev.flotilla.mirror.store.Expected;
import dev.flotilla.mirror.store.StoreFigures;
import dev.flotilla.vocabulary.Sha256;
import io.vertx.core.Future;
import java.util.List;
import java.util.Optional;

/**
 * Brings files into the store before anybody asks for them, behind all that clients wait for: in a turn of its upstream's only while half of
 * them are free, and into room that nobody has. Nothing leaves the store for them, and to be looked for here doesn't make them stay longer.
 * Only what a page names with digest and size, and what clients would be given. Safe for use from any thread.
 */
public final class FilesAhead {
    private final Workshop workshop;
    private final FileCatalogue catalogue;
    private final Arrivals arrivals;
    private final int percent;

    FilesAhead(Workshop workshop, FileCatalogue catalogue, Arrivals arrivals, int percent) {
        this.workshop = workshop;
        this.catalogue = catalogue;
        this.arrivals = arrivals;
        this.percent = percent;
    }

    /** Brings the file at {@code path}; never fails. */
    public Future<Ahead> bring(FilePath path) {
        return catalogue
                .settle(path)
                .compose(clearance -> clearance instanceof Clearance.Clear
                        ? catalogue.find(path)
                        : Future.succeededFuture(new FileOffer.Withheld("it isn't given out here")))
                .compose(offer -> switch (offer) {
                    case FileOffer.Offered offered -> offered(path, offered);
                    case FileOffer.NotOffered ignored -> failed("no index names it any more");
                    case FileOffer.Withheld(String reason) -> failed(reason);
                    case FileOffer.Undecidable undecidable -> failed(undecidable.reason());
                    case FileOffer.Unknowable unknowable -> failed(unknowable.reason());
                })
                .recover(fault -> failed(String.valueOf(fault.getMessage())));
    }

    private static Future<Ahead> failed(String reason) {
        return Future.succeededFuture(new Ahead.Failed(reason));
    }

    private Future<Ahead> offered(FilePath path, FileOffer.Offered offered) {
        Optional<Sha256> digest = offered.sha256();
        if (digest.isEmpty() || offered.size().isEmpty()) {
            return failed("no page says its digest and its size");
        }
        return workshop.shortWork()
                .executeBlocking(() -> workshop.store().isHere(digest.get()), false)
                .compose(here -> Boolean.TRUE.equals(here)
                        ? Future.succeededFuture(new Ahead.Here())
                        : fetched(path, offered, offered.size().getAsLong()));
    }

    private Future<Ahead> fetched(FilePath path, FileOffer.Offered offered, long size) {
        StoreFigures figures = workshop.store().figures();
        if (figures.held().bytes() + size > figures.budget().bytes() / 100 * percent) {
            return Future.succeededFuture(new Ahead.NoRoom());
        }
        if (!workshop.turns().of(offered.location()).isQuiet()) {
            return Future.succeededFuture(new Ahead.Busy());
        }
        var order = new Fetch.Order(
                path,
                List.of(offered.location()),
                List.of(),
                new Expected(offered.size(), offered.sha256(), Optional.empty()),
                workshop.limits().largestFile().bytes(),
                true);
        return arrivals.ahead(order).map(end -> switch (end) {
            case Arrival.End.Whole ignored -> new Ahead.Come(size);
            case Arrival.End.Absent ignored -> new Ahead.Failed("it isn't there");
            case Arrival.End.Failed known -> new Ahead.Failed(known.reason());
            case Arrival.End.Passing ignored -> new Ahead.Failed("the store couldn't take it");
        });
    }
}
