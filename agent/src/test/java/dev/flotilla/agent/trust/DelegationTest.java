package dev.flotilla.agent.trust;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import dev.flotilla.agent.json.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Targets of delegated roles (TUF 1.0, sections 4.5 and 5.6.7). */
class DelegationTest {
    private static final Instant NOW = Instant.parse("2026-06-01T12:00:00Z");

    private final TestRepository repository = new TestRepository(NOW);
    private final MetadataStore store = MetadataStore.inMemory();
    private final SigningKey key = TestRepository.key();

    private Delegation role(String name, boolean terminating, String... paths) {
        return new Delegation(name, KeyRing.of(key.publicKey()), List.of(paths), Optional.empty(), terminating);
    }

    private static SortedMap<String, TargetFile> files(String... paths) {
        SortedMap<String, TargetFile> files = new TreeMap<>();
        for (String path : paths) {
            files.put(path, TargetFile.of(path.getBytes(StandardCharsets.UTF_8)));
        }
        return files;
    }

    private Updater.Finding find(String path) throws IOException {
        repository.publishRoot();
        repository.publishAll();
        var updater =
                Updater.ofFleet(TestRepository.FLEET, TestRepository.BUCKET, repository, store, TrustLimits.USUAL);
        assertThat(updater.begin(repository.file("1.root.json"))).isEmpty();
        var time = UpdateTime.of(NOW);
        var metadata = ((Refreshed.Current) updater.refresh(Optional.empty(), time)).metadata();
        repository.takeRequests();
        return updater.find(metadata, path, time);
    }

    @Test
    void aWheelIsFoundInTheRoleForWheelsAndNothingElseIs() throws IOException {
        repository.delegations = List.of(Delegation.wheels(KeyRing.of(key.publicKey())));
        String wheel = "wheels/linux-x86_64/demo/demo-1.0-py3-none-any.whl";
        repository.publishDelegated("wheels", 1, files(wheel, "programs/flotilla-mirror.tar.gz"), List.of(), key);
        assertThat(find(wheel))
                .isEqualTo(new Updater.Finding.Found(TargetFile.of(wheel.getBytes(StandardCharsets.UTF_8))));
        assertThat(find("programs/flotilla-mirror.tar.gz")).isInstanceOf(Updater.Finding.Absent.class);
        assertThat(find("wheels/linux-x86_64/demo/other.whl")).isInstanceOf(Updater.Finding.Absent.class);
    }

    @Test
    void theReleaseItselfComesBeforeAnyRoleThatItDelegatesTo() throws IOException {
        repository.delegations = List.of(role("a", false, "*"));
        repository.offer(files("file"));
        repository.publishDelegated("a", 1, files(), List.of(), key);
        assertThat(find("file")).isInstanceOf(Updater.Finding.Found.class);
        assertThat(repository.takeRequests()).isEmpty();
    }

    @Test
    void rolesAreAskedInTheirOrderEachBeforeItsNextAndATerminatingOneEndsTheSearch() throws IOException {
        repository.delegations = List.of(role("a", false, "*"), role("b", true, "*"), role("c", false, "*"));
        repository.publishDelegated("a", 1, files(), List.of(role("d", false, "*"), role("a", false, "*")), key);
        repository.publishDelegated("b", 1, files(), List.of(), key);
        repository.publishDelegated("c", 1, files("file"), List.of(), key);
        repository.publishDelegated("d", 1, files(), List.of(), key);
        assertThat(find("file")).isInstanceOf(Updater.Finding.Absent.class);
        assertThat(repository.takeRequests()).containsExactly("1.a.json", "1.d.json", "1.b.json");
    }

    @Test
    void aRoleThatTheDelegatorsKeysDidNotSignIsRefused() throws IOException {
        repository.delegations = List.of(role("a", false, "*"));
        repository.publishDelegated("a", 1, files("file"), List.of(), TestRepository.key());
        assertThat(find("file"))
                .isInstanceOfSatisfying(
                        Updater.Finding.Refused.class,
                        refused -> assertThat(refused.refused().reason()).isEqualTo(Refusal.WRONG_SIGNATURE));
    }

    @Test
    void aRoleOfTwoKeysIsBelievedWhereTwoDifferentOnesSignedIt() throws IOException {
        SigningKey second = TestRepository.key();
        var ring = new KeyRing(
                Map.of(key.publicKey().id(), key.publicKey(), second.publicKey().id(), second.publicKey()), 2);
        repository.delegations = List.of(Delegation.wheels(ring));
        String wheel = "wheels/linux/demo/demo-1.0-py3-none-any.whl";
        for (List<SigningKey> tooFew : List.of(List.of(key), List.of(second), List.of(second, TestRepository.key()))) {
            repository.publishDelegated("wheels", 1, files(wheel), List.of(), tooFew);
            assertThat(find(wheel))
                    .isInstanceOfSatisfying(
                            Updater.Finding.Refused.class,
                            refused -> assertThat(refused.refused().reason()).isEqualTo(Refusal.THRESHOLD_NOT_MET));
        }
        repository.publishDelegated("wheels", 1, files(wheel), List.of(), List.of(key, second));
        assertThat(find(wheel)).isInstanceOf(Updater.Finding.Found.class);
    }

    @Test
    void aRoleCanKeepNobodyBusyWithRolesWithoutEnd() throws IOException {
        List<Delegation> chain = new ArrayList<>();
        for (int i = 0; i < 60; i++) {
            chain.add(role("r" + i, false, "*"));
            repository.publishDelegated("r" + i, 1, files(), List.of(role("r" + (i + 1), false, "*")), key);
        }
        repository.delegations = List.of(chain.getFirst());
        assertThat(find("file")).isInstanceOf(Updater.Finding.Absent.class);
        assertThat(repository.takeRequests()).hasSize(TrustLimits.USUAL.roles() - 1);
    }

    @Test
    void aRoleMayNotCallItselfAsATopLevelRole() throws IOException {
        for (Role name : Role.values()) {
            repository.publishTargets(
                    signed -> signed.with(
                            "delegations",
                            new TargetsMetadata(
                                            1,
                                            NOW.plusSeconds(60),
                                            Optional.empty(),
                                            new TreeMap<>(),
                                            List.of(role("innocent", false, "*")))
                                    .toSigned()
                                    .object("delegations")
                                    .with("roles", renamed(name.metadataName()))),
                    repository.keys(Role.TARGETS));
            byte[] document = repository.file(repository.version(Role.TARGETS) + ".targets.json");
            var envelope = SignedDocument.parse(document, TrustLimits.USUAL.targets());
            assertThat(catchThrowable(() -> TargetsMetadata.parse(envelope.signed())))
                    .hasMessageContaining("which is a top-level role");
        }
    }

    private Json renamed(String name) {
        return new Json.Sequence(List.of(role("innocent", false, "*").toJson().with("name", name)));
    }

    @ParameterizedTest
    @CsvSource({
        "targets/*.tgz, targets/foo.tgz, true",
        "targets/*.tgz, targets/foo.txt, false",
        "foo-version-?.tgz, foo-version-2.tgz, true",
        "foo-version-?.tgz, foo-version-alpha.tgz, false",
        "*.tgz, bar.tgz, true",
        "*.tgz, targets/foo.tgz, false",
        "foo.tgz, foo.tgz, true",
        "foo.tgz, foo_tgz, false",
        "a/*/c, a/b/c, true",
        "a/*/c, a/b/b/c, false",
        "a/*, a/, true",
        "*a*b*, xxaxxbxx, true",
        "*a*b*, xxbxxaxx, false",
        "a?c, a/c, false",
        "*, '', true",
        "**, abc, true",
        "*/b, a/a/b, false"
    })
    void patternsAreThoseOfTheSpecification(String pattern, String path, boolean covered) {
        assertThat(role("a", false, pattern).covers(path)).isEqualTo(covered);
    }

    @Test
    void aPatternCostsNoMoreThanItsLengthTimesThatOfThePath() {
        String hostile = "*a".repeat(200) + "b";
        assertThat(role("a", false, hostile).covers("a".repeat(5000))).isFalse();
    }
}
