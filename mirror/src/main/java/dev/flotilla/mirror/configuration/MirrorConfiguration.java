package dev.flotilla.mirror.configuration;

import dev.flotilla.mirror.files.FileLimits;
import dev.flotilla.mirror.policy.Policy;
import dev.flotilla.mirror.upstream.MissLimits;
import dev.flotilla.mirror.upstream.UpstreamIndex;
import dev.flotilla.mirror.upstream.UpstreamLimits;
import dev.flotilla.mirror.wheels.WheelSettings;
import dev.flotilla.settings.Loading;
import dev.flotilla.settings.Setting;
import dev.flotilla.settings.Settings;
import dev.flotilla.settings.SettingsFile;
import dev.flotilla.vocabulary.NodeName;
import dev.flotilla.vocabulary.RegionName;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;

/**
 * The whole configuration of one mirror, the object {@code flotilla.mirror} of its file. Immutable.
 *
 * @param region the region that the mirror serves
 * @param node its own name within the region
 * @param draining whether readiness says that clients are to go elsewhere; everything is still served
 * @param listen where clients come
 * @param tls how they come by HTTPS, where they may
 * @param operations what operators, health checks and scrapers get
 * @param upstreams the indexes that it follows, in order of preference
 * @param outbound the bounds of asking them
 * @param misses how long and how many requests for what isn't here are borne
 * @param store what it keeps on disk
 * @param pages how project pages are kept
 * @param parsing how much of a page is read
 * @param policy what of all that is shown
 * @param files the bounds of downloads
 * @param wheels where wheels that were built for the fleet come from
 * @param workers the threads for what would hold up an event loop
 * @param http how clients are served
 * @param clients what they are told of the fleet
 */
public record MirrorConfiguration(
        RegionName region,
        NodeName node,
        boolean draining,
        ListenAddress listen,
        Optional<TlsSettings> tls,
        OperationsSettings operations,
        List<UpstreamIndex> upstreams,
        UpstreamLimits outbound,
        MissLimits misses,
        StoreSettings store,
        PageSettings pages,
        ParsingSettings parsing,
        Policy policy,
        FileLimits files,
        Optional<WheelSettings> wheels,
        WorkerSettings workers,
        HttpSettings http,
        ClientSettings clients) {

    /** The object of the file in which everything stands. */
    public static final String ROOT = "flotilla.mirror";

    public MirrorConfiguration {
        upstreams = List.copyOf(upstreams);
        if (upstreams.isEmpty()) {
            throw new IllegalArgumentException("upstreams is empty: leave it out for PyPI, or name an index");
        }
        var names = new HashSet<String>();
        for (var upstream : upstreams) {
            if (!names.add(upstream.name())) {
                throw new IllegalArgumentException("two upstreams have the name " + upstream.name());
            }
        }
        if (wheels.isPresent() && !names.add(wheels.get().source().name())) {
            throw new IllegalArgumentException(
                    "an upstream can't have the name " + wheels.get().source().name());
        }
        var idle = http.idleTimeOut();
        if (idle.compareTo(outbound.pageDeadline()) <= 0 || idle.compareTo(files.openDeadline()) <= 0) {
            throw new IllegalArgumentException(
                    "http.idle-time-out has to be longer than outbound.page-deadline and files.open-deadline:"
                            + " else clients that wait for upstream are cut off");
        }
        if (listen.equals(operations.address()) && listen.port() != 0) {
            throw new IllegalArgumentException("listen and operations can't both be " + listen);
        }
        if (tls.isPresent() && tls.get().address().port() != 0) {
            var encrypted = tls.get().address();
            if (encrypted.equals(listen) || encrypted.equals(operations.address())) {
                throw new IllegalArgumentException("tls needs a port of its own, and can't be at " + encrypted
                        + ", where " + (encrypted.equals(listen) ? "listen" : "operations") + " is");
            }
        }
    }

    /** Reads {@code file}; every problem in it is in the answer. */
    public static Loading<MirrorConfiguration> load(Path file) {
        return SettingsFile.load(file, ROOT, MirrorConfiguration::read);
    }

    /** Reads {@code text}; {@code name} stands for the file in messages. */
    public static Loading<MirrorConfiguration> parse(String text, String name) {
        return SettingsFile.parse(text, name, ROOT, MirrorConfiguration::read);
    }

    private static Setting<MirrorConfiguration> read(Settings settings) {
        var region = settings.required("region", RegionName::new);
        var node = settings.required("node", NodeName::new);
        var draining = settings.flag("draining", false);
        var listen = settings.section("listen", inner -> ListenAddress.read(inner, "0.0.0.0", 8080));
        var tls = settings.optionalSection("tls", TlsSettings::read);
        var operations = settings.section("operations", OperationsSettings::read);
        var upstreams = settings.sections("upstreams", List.of(UpstreamIndex.publicIndex()), UpstreamSettings::index);
        var outbound = settings.section("outbound", UpstreamSettings::limits);
        var misses = settings.section("misses", MissSettings::read);
        var store = settings.section("store", StoreSettings::read);
        var pages = settings.section("pages", PageSettings::read);
        var parsing = settings.section("parsing", ParsingSettings::read);
        var policy = settings.section("policy", PolicySettings::read);
        var files = settings.section("files", FileSettings::read);
        var wheels = settings.optionalSection("wheels", WheelhouseSettings::read);
        var workers = settings.section("workers", WorkerSettings::read);
        var http = settings.section("http", HttpSettings::read);
        var clients = settings.section("clients", ClientSettings::read);
        return settings.build(() -> new MirrorConfiguration(
                region.get(),
                node.get(),
                draining.get(),
                listen.get(),
                tls.get(),
                operations.get(),
                upstreams.get(),
                outbound.get(),
                misses.get(),
                store.get(),
                pages.get(),
                parsing.get(),
                policy.get(),
                policy.get().largestFile().map(files.get()::atMost).orElseGet(files::get),
                wheels.get(),
                workers.get(),
                http.get(),
                clients.get()));
    }
}
