<?php
/*
 * Installs a WordPress site and fills it with back-dated posts and comments.
 * usage: php wordpress_setup.php SITE_FOLDER < facts.json     prints {"secret": application password}
 * The tables are written directly, because the REST API neither takes ids nor another author's words.
 */
define( 'WP_INSTALLING', true );
$facts = json_decode( stream_get_contents( STDIN ), true, 64, JSON_THROW_ON_ERROR );
require $argv[1] . '/wp-load.php';
require_once ABSPATH . 'wp-admin/includes/upgrade.php';
add_filter( 'pre_wp_mail', '__return_true' );

$first = $facts['users'][0];
wp_install( $facts['title'], $first['login'], $first['email'], true, '', wp_generate_password() );
$options = array(
	'timezone_string'             => $facts['time_zone'],
	'permalink_structure'         => '/%postname%/',
	'rewrite_rules'               => '',
	'thread_comments_depth'       => 10,
	'comment_moderation'          => 0,
	'comment_previously_approved' => 0,
);
foreach ( $options as $name => $value ) {
	update_option( $name, $value );
}

function insert( string $table, array $row ): void {
	global $wpdb;
	if ( false === $wpdb->insert( $table, $row ) ) {
		throw new RuntimeException( $table . ': ' . $wpdb->last_error );
	}
}

foreach ( array( 'posts', 'comments' ) as $what ) { // what a new site says of its own accord
	$wpdb->query( "delete from {$wpdb->$what}" );
}
foreach ( $facts['users'] as $user ) {
	if ( ! get_userdata( $user['id'] ) ) {
		insert(
			$wpdb->users,
			array(
				'ID'              => $user['id'],
				'user_login'      => $user['login'],
				'user_nicename'   => $user['login'],
				'user_email'      => $user['email'],
				'user_url'        => $user['url'],
				'user_registered' => '2023-01-01 00:00:00',
			)
		);
	}
	wp_update_user( array( 'ID' => $user['id'], 'display_name' => $user['name'], 'role' => $user['role'] ) );
}
foreach ( $facts['posts'] as $post ) {
	$local = get_date_from_gmt( $post['sent_at'] );
	insert(
		$wpdb->posts,
		array(
			'ID'                => $post['id'],
			'post_type'         => $post['kind'],
			'post_author'       => $post['author_id'],
			'post_date'         => $local,
			'post_date_gmt'     => $post['sent_at'],
			'post_modified'     => $local,
			'post_modified_gmt' => $post['sent_at'],
			'post_title'        => $post['title'],
			'post_name'         => sanitize_title( $post['title'] ),
			'post_content'      => $post['text'],
			'post_status'       => 'publish',
			'comment_status'    => 'open',
			'post_excerpt'      => '',
			'to_ping'           => '',
			'pinged'            => '',
			'post_content_filtered' => '',
		)
	);
}
foreach ( $facts['comments'] as $comment ) {
	insert(
		$wpdb->comments,
		array(
			'comment_ID'           => $comment['id'],
			'comment_post_ID'      => $comment['post'],
			'comment_parent'       => $comment['parent'],
			'user_id'              => $comment['author_id'],
			'comment_author'       => $comment['author_name'],
			'comment_author_email' => $comment['author_email'],
			'comment_author_url'   => $comment['author_url'],
			'comment_author_IP'    => '192.0.2.7',
			'comment_agent'        => 'Seeded/1.0',
			'comment_date'         => get_date_from_gmt( $comment['sent_at'] ),
			'comment_date_gmt'     => $comment['sent_at'],
			'comment_content'      => htmlspecialchars( $comment['text'], ENT_NOQUOTES ),
			'comment_type'         => $comment['kind'],
			'comment_approved'     => $comment['approved'],
		)
	);
}
foreach ( $facts['posts'] as $post ) {
	wp_update_comment_count_now( $post['id'] );
}
list( $secret ) = WP_Application_Passwords::create_new_application_password( 1, array( 'name' => 'rapport' ) );
echo json_encode( array( 'secret' => $secret ) );
