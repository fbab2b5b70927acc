package dev.flotilla.agent.trust;

import static org.assertj.core.api.Assertions.assertThat;

import dev.flotilla.agent.json.Json;
import dev.flotilla.agent.json.JsonObject;
import dev.flotilla.agent.trust.TrustedRoot.TrustedRelease;
import dev.flotilla.agent.trust.Verification.Refused;
import dev.flotilla.agent.trust.Verification.Trusted;
import dev.flotilla.vocabulary.FleetName;
import java.nio.charset.StandardCharsets;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

class TrustedRootTest {
    private static final Instant NOW = Instant.parse("2026-06-01T12:00:00Z");
    private static final FleetName FLEET = new FleetName("test");
    private static final Duration A_MONTH = Duration.ofDays(30);

    private final SigningKey rootKey = key();
    private final SigningKey first = key();
    private final SigningKey second = key();

    private static SigningKey key() {
        return SigningKey.generate(new SecureRandom());
    }

    private RootMetadata root(int threshold) {
        var offline = new KeyRing(Map.of(rootKey.publicKey().id(), rootKey.publicKey()), 1);
        var online = new KeyRing(
                Map.of(
                        first.publicKey().id(),
                        first.publicKey(),
                        second.publicKey().id(),
                        second.publicKey()),
                threshold);
        return new RootMetadata(
                1,
                NOW.plus(Duration.ofDays(365)),
                Optional.empty(),
                true,
                Map.of(Role.ROOT, offline, Role.TIMESTAMP, online, Role.SNAPSHOT, online, Role.TARGETS, online),
                Optional.of(new Binding(FLEET, "fleet", Optional.empty())));
    }

    private TrustedRoot trusted(int threshold) {
        byte[] document = SignedDocument.sign(root(threshold).toSigned(), List.of(rootKey))
                .toBytes();
        return ((Trusted<TrustedRoot>) TrustedRoot.of(document, FLEET)).value();
    }

    private static ReleaseMetadata release(long version) {
        var targets = new TreeMap<TargetPath, TargetFile>();
        targets.put(TargetPath.mirrorProgram(), TargetFile.of("program".getBytes(StandardCharsets.UTF_8)));
        return new ReleaseMetadata(version, NOW.plus(A_MONTH), FLEET, targets);
    }

    private static byte[] signed(ReleaseMetadata release, SigningKey... keys) {
        return SignedDocument.sign(release.toSigned(), List.of(keys)).toBytes();
    }

    private static Refusal refusal(Verification<TrustedRelease> verification) {
        assertThat(verification).isInstanceOf(Refused.class);
        return ((Refused<TrustedRelease>) verification).reason();
    }

    private Mark mark(ReleaseMetadata release) {
        return ((Trusted<TrustedRelease>) trusted(1).release(signed(release, first), Optional.empty(), NOW))
                .value()
                .mark();
    }

    @Test
    void aReleaseOfTheRightKeyIsTrustedAndComesBackAsItWas() {
        var verification = trusted(1).release(signed(release(3), second), Optional.empty(), NOW);
        assertThat(verification).isInstanceOf(Trusted.class);
        TrustedRelease trusted = ((Trusted<TrustedRelease>) verification).value();
        assertThat(trusted.metadata()).isEqualTo(release(3));
        assertThat(trusted.mark().version()).isEqualTo(3);
    }

    @Test
    void theSameReleaseAndANewerOneAreTrustedAfterIt() {
        Optional<Mark> last = Optional.of(mark(release(3)));
        assertThat(trusted(1).release(signed(release(3), second), last, NOW)).isInstanceOf(Trusted.class);
        assertThat(trusted(1).release(signed(release(4), first), last, NOW)).isInstanceOf(Trusted.class);
    }

    @Test
    void aReleaseOfAStrangersKeyIsRefused() {
        assertThat(refusal(trusted(1).release(signed(release(3), key()), Optional.empty(), NOW)))
                .isEqualTo(Refusal.WRONG_SIGNATURE);
        assertThat(refusal(trusted(1).release(signed(release(3)), Optional.empty(), NOW)))
                .isEqualTo(Refusal.WRONG_SIGNATURE);
    }

    @Test
    void theRootsKeyDoesNotSignReleases() {
        assertThat(refusal(trusted(1).release(signed(release(3), rootKey), Optional.empty(), NOW)))
                .isEqualTo(Refusal.WRONG_SIGNATURE);
    }

    @Test
    void aChangedReleaseIsRefused() {
        String document = new String(signed(release(3), first), StandardCharsets.UTF_8);
        byte[] changed = document.replace("\"version\": 3", "\"version\": 4").getBytes(StandardCharsets.UTF_8);
        assertThat(refusal(trusted(1).release(changed, Optional.empty(), NOW))).isEqualTo(Refusal.WRONG_SIGNATURE);
    }

    @Test
    void fewerKeysThanTheThresholdAreRefusedAndEnoughAreNot() {
        assertThat(refusal(trusted(2).release(signed(release(3), first), Optional.empty(), NOW)))
                .isEqualTo(Refusal.THRESHOLD_NOT_MET);
        assertThat(refusal(trusted(2).release(signed(release(3), first, key()), Optional.empty(), NOW)))
                .isEqualTo(Refusal.THRESHOLD_NOT_MET);
        assertThat(trusted(2).release(signed(release(3), first, second), Optional.empty(), NOW))
                .isInstanceOf(Trusted.class);
    }

    @Test
    void oneKeySigningTwiceCountsOnce() {
        SignedDocument once = SignedDocument.sign(release(3).toSigned(), List.of(first));
        String entry = new String(once.toBytes(), StandardCharsets.UTF_8)
                .replaceFirst("(?s)(\"signatures\": \\[)(.*?)(\\n  ])", "$1$2,$2$3");
        assertThat(refusal(trusted(2).release(entry.getBytes(StandardCharsets.UTF_8), Optional.empty(), NOW)))
                .isEqualTo(Refusal.MALFORMED);
    }

    @Test
    void oneKeyUnderTwoIdsCountsOnce() {
        var alias = new KeyId("0".repeat(64));
        var ring = new KeyRing(Map.of(first.publicKey().id(), first.publicKey(), alias, first.publicKey()), 2);
        var document = SignedDocument.sign(release(3).toSigned(), List.of(first));
        var doubled = new SignedDocument(
                List.of(
                        document.signatures().getFirst(),
                        new SignedDocument.Entry(
                                alias, document.signatures().getFirst().signatureHex())),
                document.signed());
        assertThat(doubled.signers(ring)).isEqualTo(1);
    }

    @Test
    void anOlderReleaseIsRefused() {
        assertThat(refusal(trusted(1).release(signed(release(2), first), Optional.of(mark(release(3))), NOW)))
                .isEqualTo(Refusal.OLDER_VERSION);
    }

    @Test
    void theSameVersionWithOtherContentIsRefused() {
        var other = new ReleaseMetadata(3, NOW.plus(A_MONTH), FLEET, new TreeMap<>());
        assertThat(refusal(trusted(1).release(signed(other, first), Optional.of(mark(release(3))), NOW)))
                .isEqualTo(Refusal.SAME_VERSION_OTHER_CONTENT);
    }

    @Test
    void aReleaseIsRefusedFromTheSecondThatItExpires() {
        byte[] document = signed(release(3), first);
        assertThat(trusted(1)
                        .release(document, Optional.empty(), NOW.plus(A_MONTH).minusSeconds(1)))
                .isInstanceOf(Trusted.class);
        assertThat(refusal(trusted(1).release(document, Optional.empty(), NOW.plus(A_MONTH))))
                .isEqualTo(Refusal.EXPIRED);
    }

    @Test
    void anExpiredRootSpeaksForNoRelease() {
        Instant later = NOW.plus(Duration.ofDays(366));
        var release = new ReleaseMetadata(3, later.plus(A_MONTH), FLEET, new TreeMap<>());
        var refused = (Refused<TrustedRelease>) trusted(1).release(signed(release, first), Optional.empty(), later);
        assertThat(refused.reason()).isEqualTo(Refusal.EXPIRED);
        assertThat(refused.detail()).startsWith("root 1 expired");
    }

    @Test
    void aReleaseOfAnotherFleetIsRefusedThoughTheKeyIsRight() {
        var other = new ReleaseMetadata(3, NOW.plus(A_MONTH), new FleetName("staging"), new TreeMap<>());
        assertThat(refusal(trusted(1).release(signed(other, first), Optional.empty(), NOW)))
                .isEqualTo(Refusal.WRONG_FLEET);
    }

    @Test
    void aRootOfAnotherFleetOrThatDidNotSignItselfIsRefused() {
        byte[] document =
                SignedDocument.sign(root(1).toSigned(), List.of(rootKey)).toBytes();
        byte[] unsigned =
                SignedDocument.sign(root(1).toSigned(), List.of(first)).toBytes();
        assertThat(((Refused<TrustedRoot>) TrustedRoot.of(document, new FleetName("staging"))).reason())
                .isEqualTo(Refusal.WRONG_FLEET);
        assertThat(((Refused<TrustedRoot>) TrustedRoot.of(unsigned, FLEET)).reason())
                .isEqualTo(Refusal.WRONG_SIGNATURE);
    }

    @Test
    void metadataOfAnotherRoleAreMalformedForThisOne() {
        JsonObject disguised = release(3).toSigned().with("_type", "snapshot");
        byte[] document = SignedDocument.sign(disguised, List.of(first)).toBytes();
        assertThat(refusal(trusted(1).release(document, Optional.empty(), NOW))).isEqualTo(Refusal.MALFORMED);
    }

    @Test
    void aTargetThatLeadsOutOfItsFolderIsMalformed() {
        JsonObject signed = release(3).toSigned();
        for (String path : List.of("../escape", "/etc/passwd", "a//b", "a/../b", "a/.", "")) {
            JsonObject hostile = signed.with(
                    "targets",
                    JsonObject.EMPTY.with(path, TargetFile.of(new byte[1]).toJson()));
            byte[] document = SignedDocument.sign(hostile, List.of(first)).toBytes();
            assertThat(refusal(trusted(1).release(document, Optional.empty(), NOW)))
                    .as(path)
                    .isEqualTo(Refusal.MALFORMED);
        }
    }

    @Test
    void whatIsNotKnownIsSignedAndPassedOver() {
        JsonObject extended = release(3).toSigned().with("delegations", JsonObject.EMPTY.with("x", new Json.Nothing()));
        byte[] document = SignedDocument.sign(extended, List.of(first)).toBytes();
        assertThat(trusted(1).release(document, Optional.empty(), NOW)).isInstanceOf(Trusted.class);
    }

    @Test
    void oversizedMetadataAreRefusedUnread() {
        byte[] endless = new byte[(int) TrustedRoot.LARGEST_RELEASE.bytes() + 1];
        assertThat(refusal(trusted(1).release(endless, Optional.empty(), NOW))).isEqualTo(Refusal.TOO_LARGE);
    }

    @Test
    void garbageIsMalformed() {
        for (String garbage :
                List.of("", "{}", "[]", "{\"signatures\":[],\"signed\":3}", "\u0000", "{\"signatures\":{}}")) {
            byte[] document = garbage.getBytes(StandardCharsets.UTF_8);
            assertThat(refusal(trusted(1).release(document, Optional.empty(), NOW)))
                    .as(garbage)
                    .isEqualTo(Refusal.MALFORMED);
        }
    }
}
