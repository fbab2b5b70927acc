package dev.flotilla.mirror.files;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import dev.flotilla.mirror.policy.View;
import dev.flotilla.mirror.simple.FilePath;
import dev.flotilla.mirror.store.BlobStore;
import dev.flotilla.mirror.store.Expected;
import dev.flotilla.mirror.store.StoredFile;
import dev.flotilla.mirror.upstream.Deferral;
import dev.flotilla.mirror.upstream.FileSource;
import dev.flotilla.mirror.upstream.Misses;
import dev.flotilla.mirror.upstream.Trail;
import dev.flotilla.vocabulary.Sha256;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.WorkerExecutor;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.streams.WriteStream;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * The files of the upstreams: kept in the store, fetched where they aren't there, each of them once for all who ask at that
 * time. What the pages say decides what a file is; a file that no page names is fetched by its path where an upstream has
 * such paths, and verified by the digest in it.
 */
public final class MirroredFiles implements FileService, AutoCloseable {
    /** Of other mirrors' requests. One more costs that the same file is fetched twice, no more. */
    private static final int MOST_TRAILS = 100;

    private final Workshop workshop;
    private final FileCatalogue catalogue;
    private final HotFiles hot;
    private final HotFiles mapped;
    private final Arrivals clients;
    private final Cache<Set<String>, Arrivals> mirrors;

    /**
     * Files with everything that they need. None of it is closed here.
     *
     * @param shortWork for what blocks for a moment: reading and writing a part of a file
     * @param longWork for what takes a while: synchronising with the disk, reading whole files
     * @param misses what is in flight, pages included
     * @param filesOpen how many files may stay open while they are sent in parts, or mapped
     */
    public MirroredFiles(
            Vertx vertx,
            BlobStore store,
            FileSource source,
            FileCatalogue catalogue,
            FileLimits limits,
            WorkerExecutor shortWork,
            WorkerExecutor longWork,
            MeterRegistry meters,
            Misses misses,
            int filesOpen) {
        this.catalogue = catalogue;
        var openFiles = new OpenFiles(filesOpen);
        this.workshop = new Workshop(
                vertx,
                store,
                source,
                limits,
                shortWork,
                longWork,
                new DownloadTurns(source, limits),
                misses,
                new FileMeters(meters),
                new Attempts(limits.rememberedAttempts()),
                new Portions(shortWork, Math.toIntExact(limits.chunk().bytes())),
                openFiles,
                new AtomicBoolean());
        this.hot = HotFiles.small(limits, shortWork);
        this.mapped = HotFiles.mapped(limits, longWork, openFiles);
        Gauge.builder("flotilla.mirror.hot.files", hot, HotFiles::count)
                .description("Small files that are held in memory")
                .register(meters);
        Gauge.builder("flotilla.mirror.hot.files.bytes", hot, HotFiles::bytes)
                .description("Bytes of small files that are held in memory")
                .register(meters);
        Gauge.builder("flotilla.mirror.mapped.files", mapped, HotFiles::count)
                .description("Larger files that are mapped into memory")
                .register(meters);
        Gauge.builder("flotilla.mirror.mapped.files.bytes", mapped, HotFiles::bytes)
                .description("Bytes of larger files that are mapped into memory")
                .register(meters);
        this.clients = new Arrivals(workshop, Trail.NONE);
        this.mirrors = Caffeine.newBuilder()
                .maximumSize(MOST_TRAILS)
                .executor(Runnable::run)
                .build();
    }

    @Override
    public Future<FileAnswer> open(FilePath path) {
        return decided(path, catalogue.clearance(path));
    }

    /** What is on its way for requests that have been at the same mirrors as the caller's. */
    private Arrivals arrivals() {
        var trail = Trail.current();
        return trail.mirrors().isEmpty()
                ? clients
                : mirrors.get(trail.mirrors(), unseen -> new Arrivals(workshop, trail));
    }

    @Override
    public FileService in(View view) {
        return view.hides() ? new ViewedFiles(this, catalogue, view) : this;
    }

    /** The same files before anybody asks, as long as no more than so many percent of the store's budget are taken. */
    public FilesAhead ahead(int percent) {
        return new FilesAhead(workshop, catalogue, clients, percent);
    }

    private Future<FileAnswer> decided(FilePath path, Clearance clearance) {
        return switch (clearance) {
            case Clearance.Clear ignored -> cleared(path);
            case Clearance.Withheld ignored -> Future.succeededFuture(new FileAnswer.Unknown());
            case Clearance.Forbidden(String reason) -> Future.succeededFuture(new FileAnswer.Forbidden(reason));
            case Clearance.Unsettled ignored ->
                catalogue
                        .settle(path)
                        .compose(settled -> decided(path, settled))
                        .recover(fault -> Future.succeededFuture(new FileAnswer.Unavailable(
                                "whether it may be given out can't be found out: " + fault)));
        };
    }

    private Future<FileAnswer> cleared(FilePath path) {
        Optional<StoredFile> stored = workshop.store().find(path);
        if (stored.isPresent()) {
            return Future.succeededFuture(new FileAnswer.Stored(stored.get()));
        }
        var patience = Patience.of(workshop.vertx(), workshop.limits().openDeadline());
        boolean circular = Trail.current().circular();
        Optional<Future<FileAnswer>> coming =
                circular ? Optional.empty() : arrivals().join(path, patience);
        if (coming.isPresent()) {
            return coming.get();
        }
        return workshop.seek(path)
                .compose(found -> found.isPresent()
                        ? Future.succeededFuture(new FileAnswer.Stored(found.get()))
                        : circular
                                ? Future.succeededFuture(new FileAnswer.Unavailable(
                                        "the request has been here before", Optional.of(Deferral.circle())))
                                : missing(path, patience));
    }

    private Future<FileAnswer> missing(FilePath path, Patience patience) {
        return patience.within(
                        catalogue.find(path.file()),
                        () -> new FileOffer.Undecidable(
                                "the pages that would name it didn't come in time", Optional.empty()),
                        unwanted -> {})
                .recover(cause -> Future.succeededFuture(new FileOffer.Unknowable(String.valueOf(cause.getMessage()))))
                .compose(offer -> path.metadata() ? metadata(path, offer, patience) : file(path, offer, patience))
                .recover(fault -> Future.succeededFuture(
                        new FileAnswer.Unavailable("it can't be asked for: " + fault.getMessage())));
    }

    private Future<FileAnswer> file(FilePath path, FileOffer offer, Patience patience) {
        return switch (offer) {
            case FileOffer.Offered offered -> offered(path, offered, patience);
            case FileOffer.NotOffered notOffered -> byPath(path, new FileAnswer.Unknown(), patience);
            case FileOffer.Withheld withheld -> Future.succeededFuture(new FileAnswer.Unknown());
            case FileOffer.Undecidable(String reason, Optional<Deferral> deferral) ->
                Future.succeededFuture(new FileAnswer.Unavailable(reason, deferral));
            case FileOffer.Unknowable(String reason, Optional<Deferral> deferral) ->
                byPath(path, new FileAnswer.Unavailable(reason, deferral), patience);
        };
    }

    private Future<FileAnswer> offered(FilePath path, FileOffer.Offered offered, Patience patience) {
        Expected carried = Expected.by(path);
        if (carried.sha256().isPresent()
                && offered.sha256().isPresent()
                && !carried.sha256().equals(offered.sha256())) {
            return Future.succeededFuture(
                    new FileAnswer.Unavailable("the page has another SHA-256 digest for it than its path"));
        }
        var expected = new Expected(offered.size(), offered.sha256().or(carried::sha256), carried.blake2b());
        long largest = workshop.limits().largestFile().bytes();
        var substitutes = workshop.source().locationsOf(path);
        var order = new Fetch.Order(path, List.of(offered.location()), substitutes, expected, largest);
        return arrivals().fetch(order, patience);
    }

    /** A file that no page names; {@code otherwise} is the answer where no upstream has it by its path either. */
    private Future<FileAnswer> byPath(FilePath path, FileAnswer otherwise, Patience patience) {
        List<URI> locations = workshop.source().locationsOf(path);
        if (locations.isEmpty()) {
            return Future.succeededFuture(otherwise);
        }
        long largest = workshop.limits().largestFile().bytes();
        return arrivals()
                .fetch(new Fetch.Order(path, locations, List.of(), Expected.by(path), largest), patience)
                .map(answer -> answer instanceof FileAnswer.Unknown ? otherwise : answer);
    }

    private Future<FileAnswer> metadata(FilePath path, FileOffer offer, Patience patience) {
        if (offer instanceof FileOffer.Withheld) {
            return Future.succeededFuture(new FileAnswer.Unknown());
        }
        if (offer instanceof FileOffer.Undecidable(String reason, Optional<Deferral> deferral)) {
            return Future.succeededFuture(new FileAnswer.Unavailable(reason, deferral));
        }
        if (!(offer
                instanceof
                FileOffer.Offered(
                        URI location,
                        Optional<Sha256> sha256,
                        OptionalLong size,
                        FileOffer.MetadataOffer advertised))) {
            return fromWheel(path, offer, Optional.empty(), patience);
        }
        if (!advertised.advertised() || advertised.sha256().isEmpty()) {
            return fromWheel(path, offer, advertised.sha256(), patience);
        }
        var expected = new Expected(OptionalLong.empty(), advertised.sha256(), Optional.empty());
        var order = new Fetch.Order(
                path,
                List.of(URI.create(location + FilePath.METADATA_SUFFIX)),
                workshop.source().locationsOf(path),
                expected,
                workshop.limits().largestMetadata().bytes());
        return arrivals().fetch(order, patience).compose(answer -> switch (answer) {
            case FileAnswer.Stored stored -> Future.succeededFuture(stored);
            case FileAnswer.Growing growing -> Future.succeededFuture(growing);
            case FileAnswer.Forbidden forbidden -> Future.succeededFuture(forbidden);
            case FileAnswer.Unknown unknown -> fromWheel(path, offer, advertised.sha256(), patience);
            case FileAnswer.Unavailable unavailable
            when unavailable.deferral().filter(Deferral::isOwn).isPresent() ->
                fromWheelThatIsHere(path, advertised.sha256(), unavailable, patience);
            case FileAnswer.Unavailable unavailable -> fromWheel(path, offer, advertised.sha256(), patience);
        });
    }

    /** Where there is no room to fetch the metadata there is none for all of the wheel, which may be here already. */
    private Future<FileAnswer> fromWheelThatIsHere(
            FilePath path, Optional<Sha256> digest, FileAnswer otherwise, Patience patience) {
        return workshop.seek(path.file())
                .compose(stored -> stored.isPresent()
                        ? arrivals().extract(path, stored.get(), digest, patience)
                        : Future.succeededFuture(otherwise));
    }

    /** Metadata that upstream doesn't have as a file of its own is in the wheel, once that is here and verified. */
    private Future<FileAnswer> fromWheel(FilePath path, FileOffer offer, Optional<Sha256> digest, Patience patience) {
        FilePath wheel = path.file();
        return workshop.seek(wheel)
                .compose(stored -> stored.isPresent()
                        ? arrivals()
                                .extract(path, stored.get(), digest, patience)
                                .compose(answer -> isGone(wheel, answer)
                                        ? fromMissingWheel(path, offer, digest, patience)
                                        : Future.succeededFuture(answer))
                        : fromMissingWheel(path, offer, digest, patience));
    }

    /** Whether the wheel turned out not to be there any more, as after another process has evicted it. */
    private boolean isGone(FilePath wheel, FileAnswer answer) {
        if (!(answer instanceof FileAnswer.Unavailable)) {
            return false;
        }
        Optional<StoredFile> still = workshop.store().find(wheel);
        still.ifPresent(StoredFile::release);
        return still.isEmpty();
    }

    private Future<FileAnswer> fromMissingWheel(
            FilePath path, FileOffer offer, Optional<Sha256> digest, Patience patience) {
        FilePath wheel = path.file();
        return file(wheel, offer, patience)
                .compose(answer -> whole(wheel, answer, patience))
                .compose(answer -> switch (answer) {
                    case FileAnswer.Stored come -> arrivals().extract(path, come.file(), digest, patience);
                    case FileAnswer.Growing growing -> throw new IllegalStateException("it was waited for");
                    case FileAnswer.Unknown unknown -> Future.succeededFuture(unknown);
                    case FileAnswer.Forbidden forbidden -> Future.succeededFuture(forbidden);
                    case FileAnswer.Unavailable unavailable -> Future.succeededFuture(unavailable);
                });
    }

    private Future<FileAnswer> whole(FilePath wheel, FileAnswer answer, Patience patience) {
        if (!(answer instanceof FileAnswer.Growing(GrowingFile growing))) {
            return Future.succeededFuture(answer);
        }
        growing.release();
        return arrivals().whole(wheel, patience);
    }

    /**
     * Begins no further download and no further attempt at one; what is in the store is still given out. A download that runs
     * ends when its upstream connection is closed, at the latest.
     */
    @Override
    public void close() {
        workshop.closing().set(true);
        hot.clear();
        mapped.clear();
    }

    @Override
    public Optional<HotFile> hot(StoredFile file) {
        return hot.find(file);
    }

    @Override
    public Optional<HotFile> mapped(StoredFile file, long offset, long length) {
        return mapped.find(file, offset, length);
    }

    @Override
    public Future<Void> stream(StoredFile file, long offset, long length, WriteStream<Buffer> client) {
        return new StoredStream(
                        workshop.portions(),
                        workshop.openFiles(),
                        workshop.shortWork(),
                        file,
                        mapped.find(file, offset, length),
                        offset,
                        length,
                        client)
                .run(workshop.vertx().getOrCreateContext());
    }

    @Override
    public Future<Void> drop(StoredFile file) {
        return workshop.drop(file);
    }

    @Override
    public boolean isAttempt(String tag, Sha256 digest) {
        return workshop.attempts().isOf(tag, digest);
    }

    @Override
    public FileFigures figures() {
        return workshop.meters().figures();
    }
}
