package dev.flotilla.controller.publish;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.flotilla.agent.trust.Role;
import dev.flotilla.controller.fleet.FleetConfiguration;
import dev.flotilla.settings.Loading;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrustFolderTest {
    private static final Instant NOW = Instant.parse("2026-06-01T12:00:00Z");
    private static final SecureRandom RANDOM = new SecureRandom();

    @TempDir
    Path folder;

    private TrustFolder trust() {
        return new TrustFolder(folder.resolve("trust"));
    }

    private Roots roots() throws IOException {
        Path file = Files.writeString(folder.resolve("fleet.conf"), """
                flotilla.fleet {
                  name = acme, bucket { name = acme-mirrors }
                  regions { east { nodes { east-1 { address = 192.0.2.1 } } } }
                }
                """);
        var fleet = ((Loading.Loaded<FleetConfiguration>) FleetConfiguration.load(file)).value();
        return new Roots(fleet, List.of(), Clock.fixed(NOW, ZoneOffset.UTC));
    }

    @Test
    void aNewFolderHasAKeyForEachRoleThatNobodyElseMayRead() throws IOException {
        trust().create(RANDOM);
        assertThat(trust().isFresh()).isTrue();
        for (String name : List.of("root", "targets", "snapshot", "timestamp", "wheels", "intents")) {
            assertThat(Files.getPosixFilePermissions(trust().key(name)))
                    .isEqualTo(PosixFilePermissions.fromString("rw-------"));
        }
        assertThat(Files.getPosixFilePermissions(trust().path()))
                .isEqualTo(PosixFilePermissions.fromString("rwx------"));
        assertThat(Signers.in(List.of(trust().path()))
                        .of(Objects.requireNonNull(trust().firstRings().get(Role.ROOT))))
                .hasSize(1);
    }

    @Test
    void aFolderThatIsThereIsNeverTouched() throws IOException {
        Files.createDirectories(trust().path());
        trust().create(RANDOM);
        byte[] key = Files.readAllBytes(trust().key("root"));
        assertThatThrownBy(() -> trust().create(RANDOM)).isInstanceOf(FileAlreadyExistsException.class);
        assertThat(Files.readAllBytes(trust().key("root"))).isEqualTo(key);
    }

    /** Stands for a kill at any moment: the folder gets its name when everything is in it. */
    @Test
    void aCreationThatFailsHalfWayLeavesNothingUnderTheName() throws IOException {
        var halfWay = new SecureRandom() {
            private static final long serialVersionUID = 1;
            private int keys;

            @Override
            public void nextBytes(byte[] bytes) {
                if (++keys > 2) {
                    throw new IllegalStateException("killed");
                }
                super.nextBytes(bytes);
            }
        };
        assertThatThrownBy(() -> trust().create(halfWay)).hasMessage("killed");
        assertThat(trust().path()).doesNotExist();
        trust().create(RANDOM);
        assertThat(trust().isFresh()).isTrue();
        try (Stream<Path> entries = Files.list(folder)) {
            assertThat(entries).containsExactly(trust().path());
        }
    }

    @Test
    void theNewestRootIsWhatNodesAreGivenAlsoAfterAKillBetweenChainAndCopy() throws IOException {
        trust().create(RANDOM);
        assertThat(roots().first()).isInstanceOf(RootChange.Made.class);
        assertThat(roots().renew()).isInstanceOf(RootChange.Made.class);
        Path newest = trust().path().resolve("roots/2.root.json");
        assertThat(trust().root()).hasSameBinaryContentAs(newest);
        Files.copy(trust().path().resolve("roots/1.root.json"), trust().root(), StandardCopyOption.REPLACE_EXISTING);
        assertThat(trust().chain()).hasSize(2);
        assertThat(trust().root()).hasSameBinaryContentAs(newest);
        Files.delete(trust().root());
        assertThat(trust().chain()).hasSize(2);
        assertThat(trust().root()).hasSameBinaryContentAs(newest);
    }

    @Test
    void aRootThatTheOneBeforeDidNotSignIsNoneOfTheChain() throws IOException {
        trust().create(RANDOM);
        assertThat(roots().first()).isInstanceOf(RootChange.Made.class);
        byte[] first = Files.readAllBytes(trust().root());
        var stranger = new TrustFolderTest();
        stranger.folder = Files.createDirectory(folder.resolve("stranger"));
        stranger.trust().create(RANDOM);
        assertThat(stranger.roots().first()).isInstanceOf(RootChange.Made.class);
        assertThat(stranger.roots().renew()).isInstanceOf(RootChange.Made.class);
        Files.copy(
                stranger.trust().path().resolve("roots/2.root.json"),
                trust().path().resolve("roots/2.root.json"));
        assertThatThrownBy(() -> trust().chain())
                .hasMessageContaining("it is signed by 0 of the root keys of version 1");
        assertThat(Files.readAllBytes(trust().root())).isEqualTo(first);
    }

    @Test
    void aRoleWithSeveralCustodiansIsNotGivenOneKey() throws IOException {
        trust().create(RANDOM);
        assertThat(roots().first()).isInstanceOf(RootChange.Made.class);
        var two = new Roots.Change.Edit(List.of(trust().generate("targets-anna", RANDOM)), List.of(), Optional.of(2));
        assertThat(roots().change(Map.of(Role.TARGETS, two), RANDOM)).isInstanceOf(RootChange.Made.class);
        assertThat(roots().change(Map.of(Role.TARGETS, new Roots.Change.Replace()), RANDOM))
                .isInstanceOfSatisfying(
                        RootChange.Refused.class,
                        refused -> assertThat(refused.reason())
                                .contains("needs 2 keys, which one person should not hold"));
    }
}
