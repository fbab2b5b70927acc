package dev.flotilla.controller.doctor;

import static dev.flotilla.controller.doctor.Finding.Area.KEYS;

import dev.flotilla.agent.trust.KeyRing;
import dev.flotilla.agent.trust.Role;
import dev.flotilla.agent.trust.RootMetadata;
import dev.flotilla.controller.fleet.FleetConfiguration;
import dev.flotilla.controller.publish.TrustFolder;
import dev.flotilla.controller.publish.TrustView;
import dev.flotilla.controller.status.Ages;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What the trust folder says: whose it is, until when, and who could sign here. */
final class KeyChecks {
    private KeyChecks() {}

    static List<Finding> of(FleetConfiguration fleet, List<Path> more, Instant now) throws IOException {
        var folder = new TrustFolder(fleet.trust().folder());
        TrustView view;
        try {
            view = TrustView.of(folder, more);
        } catch (IllegalArgumentException unusable) {
            return List.of(Finding.fail(KEYS, "trust folder", String.valueOf(unusable.getMessage())));
        }
        List<Finding> found = new ArrayList<>();
        Optional<RootMetadata> root = view.root();
        if (root.isEmpty()) {
            found.add(Finding.warn(
                    KEYS,
                    "root",
                    "there is none in " + folder + " yet",
                    "a new fleet: flotilla publish makes it. Otherwise copy the folder from where the fleet was made"));
        } else {
            found.add(view.difference(fleet)
                    .map(other -> Finding.fail(
                            KEYS,
                            "root",
                            other,
                            "set fleet.conf right; or, if it is to be so from now on: flotilla keys renew"))
                    .orElseGet(() ->
                            Finding.ok(KEYS, "root", "version " + root.get().version() + " is this fleet's")));
            found.add(lifetime(root.get(), fleet.trust().rootLifetime(), now));
            for (Role role : Role.values()) {
                found.add(signing(view, root.get(), role));
            }
        }
        view.staged()
                .forEach(file ->
                        found.add(Finding.warn(KEYS, "signatures", file + " waits for some", "flotilla sign " + file)));
        return found;
    }

    private static Finding lifetime(RootMetadata root, Duration usual, Instant now) {
        Duration left = Duration.between(now, root.expires());
        Duration life = root.issued()
                .map(issued -> Duration.between(issued, root.expires()))
                .orElse(usual);
        if (left.isNegative() || left.isZero()) {
            return Finding.fail(
                    KEYS,
                    "root",
                    "it has expired at " + root.expires() + ": nodes take up nothing",
                    "flotilla keys renew");
        }
        String text = "it holds for " + Ages.text(left) + ", until " + root.expires();
        return left.compareTo(life.dividedBy(3)) < 0
                ? Finding.warn(KEYS, "root", text, "renew it while there is time: flotilla keys renew")
                : Finding.ok(KEYS, "root", text);
    }

    /** Snapshot and timestamp are signed again and again; a root's key is needed rarely, and lies safest elsewhere. */
    private static Finding signing(TrustView view, RootMetadata root, Role role) {
        String name = role.metadataName();
        KeyRing ring = root.keys(role);
        long here = ring.keys().values().stream()
                .distinct()
                .filter(key -> view.file(key).isPresent())
                .count();
        String text = here + " of " + ring.keys().size() + (ring.keys().size() == 1 ? " key is" : " keys are")
                + " here, and " + ring.threshold() + (ring.threshold() == 1 ? " has" : " have") + " to sign";
        boolean enough = here >= ring.threshold();
        return switch (role) {
            case TIMESTAMP, SNAPSHOT ->
                enough
                        ? Finding.ok(KEYS, name, text)
                        : Finding.warn(
                                KEYS,
                                name,
                                text + ": nothing can be published or renewed from here",
                                "run publish where the key lies, or name its folder with --keys");
            case ROOT ->
                enough
                        ? Finding.warn(
                                KEYS,
                                name + " key",
                                text + ": who gets hold of this folder has the fleet for good",
                                "keep it offline: docs/operating/keys.md")
                        : Finding.ok(KEYS, name + " key", text + ": it is kept elsewhere");
            case TARGETS ->
                Finding.ok(KEYS, name, text + (enough ? "" : ": releases are signed elsewhere (flotilla sign)"));
        };
    }
}
